package show

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
)

func TestPictures(t *testing.T) {
	photo := image.NewNRGBA(image.Rect(0, 0, 96, 96))
	for i := range 96 * 96 {
		photo.Set(i%96, i/96, color.NRGBA{uint8(2 * (i % 96)), uint8(i / 40), 120, 255})
	}
	heads := make([][]float64, 8)
	for h := range heads {
		heads[h] = make([]float64, 36)
		for i := range heads[h] {
			heads[h][i] = float64((i*(h+3))%36) / 36
		}
	}
	wide := image.NewNRGBA(image.Rect(10, 10, 110, 60))
	sheet := []Captioned{{photo, "red apple", "red apple"}, {photo, "a long caption that needs two lines at least", "green tree"}, {wide, "", "new"}, {}}
	scores := [][]float64{{0.5, math.Inf(-1), math.NaN()}, {-2, 1e-9}}
	for name, picture := range map[string]image.Image{
		"patches": Patches(photo, 16), "ragged": Patches(wide, 30), "pixels": Patches(crop(photo, image.Rect(0, 0, 40, 40)), 1),
		"mask": CausalMask([]string{"image", "A", " ", "d", "o", "g"}), "mask of 64": CausalMask(make([]string, 64)),
		"matrix": Matrix("scores", []string{"a"}, []string{"a long label", "b", "c"}, scores), "bare": Matrix("", nil, nil, nil),
		"attention": Attention(photo, heads, 6, 6), "one head": AttentionOverImage(wide, heads[0], 6, 6),
		"none":  AttentionOverImage(photo, make([]float64, 36), 6, 6),
		"sheet": ContactSheet(sheet, 4), "no sheet": ContactSheet(nil, 4),
	} {
		content := encodePNG(picture)
		if strings.HasPrefix(name, "no ") || name == "bare" {
			continue
		}
		if got := drawn(t, name, content).Bounds().Size(); got != picture.Bounds().Size() || got.X > 1100 {
			t.Errorf("%s: size is %v", name, got)
		}
	}
}

func TestPatchesAreCutWhereTheModelCutsThem(t *testing.T) {
	photo := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	for i, c := range []color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {9, 9, 9, 255}} {
		photo.Set(i%2, i/2, c)
	}
	sheet := Patches(photo, 1)
	last := sheet.Bounds().Max.Sub(image.Pt(30, 30))
	if got := color.NRGBAModel.Convert(sheet.At(last.X, last.Y)); got != (color.NRGBA{9, 9, 9, 255}) {
		t.Errorf("the last patch is %v", got)
	}
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, "3 x 3") || !strings.Contains(said, "2 x 2") {
			t.Errorf("a patch that is too large: %s", said)
		}
	}()
	Patches(photo, 3)
}

func TestCaptionsThatAgreeAreGreen(t *testing.T) {
	for generated, want := range map[string]color.NRGBA{"dog": good, "cat": bad} {
		lines := captionLines(Captioned{Truth: "dog", Generated: generated}, 13, 144)
		if len(lines) != 2 || lines[1].color != want {
			t.Errorf("%s: %v", generated, lines)
		}
	}
}

func TestTable(t *testing.T) {
	header, rows := []string{"part", "parameters"}, [][]string{{"a|b", "1"}, {"two\nlines", "22"}}
	want := "| part | parameters |\n| --- | --- |\n| a\\|b | 1 |\n| two<br>lines | 22 |\n"
	if got := markdownTable(header, rows); got != want {
		t.Errorf("got %q", got)
	}
	if got := plainTable(header, rows); !strings.Contains(got, "two lines  22") {
		t.Errorf("got %q", got)
	}
}
