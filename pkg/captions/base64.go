package captions

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// decodeBase64 accepts the dialects that spreadsheets and browsers write: a data URI, line breaks,
// missing padding, the URL alphabet.
func decodeBase64(text string) ([]byte, error) {
	begin := 0
	if trimmed := strings.TrimLeft(text, " \t\r\n"); strings.HasPrefix(trimmed, "data:") {
		comma := strings.IndexByte(text, ',')
		if comma < 0 {
			return nil, errors.New("b64string_images is a data URI without a comma; expected data:image/png;base64, and a picture")
		}
		if begin = comma + 1; !strings.HasSuffix(text[:comma], ";base64") {
			return nil, fmt.Errorf("b64string_images is a data URI that is not in base64: found %q, expected data:image/png;base64,", shorten(text[:begin]))
		}
	}
	digits, err := base64Digits(text, begin)
	if err != nil {
		return nil, err
	}
	if len(digits) == 0 {
		return nil, errors.New("b64string_images is empty; expected a picture in base64")
	}
	n, err := base64.RawStdEncoding.Decode(digits, digits) // it never writes further than it has read
	if err != nil {
		return nil, errors.New("b64string_images is not base64: it is cut off")
	}
	return digits[:n:n], nil
}

// base64Digits are those of the text from begin on, in the standard alphabet and without padding.
func base64Digits(text string, begin int) ([]byte, error) {
	digits, padded := make([]byte, 0, len(text)-begin), false
	for at := begin; at < len(text); at++ {
		c := text[at]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			continue
		case c == '=' && len(digits) > 0:
			padded = true
			continue
		case c == '-':
			c = '+'
		case c == '_':
			c = '/'
		}
		digit := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
		if !digit || padded {
			found, _ := utf8.DecodeRuneInString(text[at:])
			return nil, fmt.Errorf("b64string_images is not base64: found %q at character %d", found, at+1)
		}
		digits = append(digits, c)
	}
	return digits, nil
}
