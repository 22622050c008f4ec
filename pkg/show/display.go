package show

import (
	"bytes"
	"encoding/gob"
	"image"
	"image/png"

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
func Picture(picture image.Image, alt string) { Still(picture, alt).display("") }

func inNotebook() bool { return gonbui.IsNotebook }

// payload is one output in several forms, of which a viewer shows the best that it can.
func payload(png []byte, figure map[string]any, alt string) map[protocol.MIMEType]any {
	data := map[protocol.MIMEType]any{protocol.MIMEImagePNG: png, protocol.MIMETextPlain: alt}
	if _, drawn := figure["data"]; drawn {
		data[mimePlotly] = figure
	}
	return data
}

// send displays an output. With an id a later call replaces what an earlier one displayed.
func send(data map[protocol.MIMEType]any, id string) {
	gonbui.SendData(&protocol.DisplayData{Data: data, DisplayID: id})
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
