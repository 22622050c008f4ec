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
	if rest, found := strings.CutPrefix(strings.TrimSpace(text), "data:"); found {
		if _, text, found = strings.Cut(rest, ","); !found {
			return nil, errors.New("b64string_images is a data URI without a comma; expected data:image/png;base64, and a picture")
		}
	}
	text = strings.NewReplacer("\n", "", "\r", "", "\t", "", " ", "", "-", "+", "_", "/").Replace(text)
	text = strings.TrimRight(text, "=")
	if text == "" {
		return nil, errors.New("b64string_images is empty; expected a picture in base64")
	}
	content, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		var at base64.CorruptInputError
		if errors.As(err, &at) && int(at) < len(text) {
			found, _ := utf8.DecodeRuneInString(text[at:])
			return nil, fmt.Errorf("b64string_images is not base64: found %q at character %d", found, int(at)+1)
		}
		return nil, errors.New("b64string_images is not base64: it is cut off")
	}
	return content, nil
}
