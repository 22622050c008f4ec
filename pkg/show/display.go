package show

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"image"
	"image/png"
	"slices"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// mimePlotly is the MIME type that JupyterLab, VS Code and nbconvert draw with plotly.js.
const mimePlotly protocol.MIMEType = "application/vnd.plotly.v1+json"

func init() {
	// A figure reaches the kernel by gob, which must know what may be inside.
	gob.Register(map[string]any{})
	gob.Register([]any{})
}

// Picture displays a picture as PNG; alt says in words what is to be seen.
func Picture(picture image.Image, alt string) {
	send(encodePNG(picture), nil, alt, "")
}

// send displays a PNG, with an interactive figure of the same where there is one. With an id a
// later call replaces what an earlier one displayed.
func send(png []byte, figure map[string]any, alt, id string) {
	if !gonbui.IsNotebook {
		return
	}
	data := map[protocol.MIMEType]any{protocol.MIMEImagePNG: png, protocol.MIMETextPlain: alt}
	if figure != nil {
		data[mimePlotly] = figure
	}
	gonbui.SendData(&protocol.DisplayData{Data: data, DisplayID: id})
	gonbui.Sync()
}

// Table displays rows below a header as Markdown.
func Table(header []string, rows [][]string) {
	if !gonbui.IsNotebook {
		return
	}
	var text bytes.Buffer
	line := func(cells []string) {
		for _, cell := range cells {
			fmt.Fprintf(&text, "| %s ", cell)
		}
		text.WriteString("|\n")
	}
	line(header)
	line(slices.Repeat([]string{"---"}, len(header)))
	for _, row := range rows {
		line(row)
	}
	gonbui.DisplayMarkdown(text.String())
	gonbui.Sync()
}

func encodePNG(picture image.Image) []byte {
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, picture); err != nil {
		panic(err) // writing to memory fails only for a picture of no size
	}
	return out.Bytes()
}
