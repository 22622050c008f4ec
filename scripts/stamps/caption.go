package main

import (
	"crypto/sha256"
	"encoding/binary"
	"image"
	"image/draw"
	"strings"
)

// captionOf is the first line of a stamp's .txt file, which is English, with straight quotes. Translations follow
// it, one a line.
func captionOf(text string) (string, error) {
	line, _, _ := strings.Cut(strings.TrimPrefix(text, "\ufeff"), "\n")
	line = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`).Replace(strings.TrimSpace(line))
	if line == "" {
		return "", skipped("empty caption")
	}
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", skipped("a caption with other characters than ASCII")
	}
	return line, nil
}

// splitOf puts a tenth of the captions aside, decided by a hash of what the caption says: "A pear." and
// "pear" are the same.
func splitOf(caption string) string {
	plain := strings.TrimSpace(strings.TrimSuffix(strings.ToLower(caption), "."))
	for _, article := range []string{"a ", "an ", "the "} {
		if rest, found := strings.CutPrefix(plain, article); found {
			plain = rest
			break
		}
	}
	hash := sha256.Sum256([]byte(plain))
	if binary.BigEndian.Uint32(hash[:4])%10 == 0 {
		return "new_concept"
	}
	return "train"
}

// square puts a picture into the middle of a white square.
func square(picture *image.NRGBA) *image.NRGBA {
	width, height := picture.Rect.Dx(), picture.Rect.Dy()
	side := max(width, height)
	paper := image.NewNRGBA(image.Rect(0, 0, side, side))
	draw.Draw(paper, paper.Rect, image.White, image.Point{}, draw.Src)
	at := image.Pt((side-width)/2, (side-height)/2)
	draw.Draw(paper, picture.Rect.Sub(picture.Rect.Min).Add(at), picture, picture.Rect.Min, draw.Src)
	return paper
}
