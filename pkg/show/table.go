package show

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// Table displays rows below a header. Cells are Markdown.
func Table(header []string, rows [][]string) {
	if inNotebook() {
		send(map[protocol.MIMEType]any{
			protocol.MIMETextMarkdown: markdownTable(header, rows),
			protocol.MIMETextPlain:    plainTable(header, rows),
		}, "")
	}
}

// markdownTable keeps what would end a cell from doing so.
func markdownTable(header []string, rows [][]string) string {
	keep := strings.NewReplacer("|", `\|`, "\r\n", "<br>", "\n", "<br>")
	var text strings.Builder
	for _, row := range slices.Concat([][]string{header, slices.Repeat([]string{"---"}, len(header))}, rows) {
		for _, cell := range row {
			fmt.Fprintf(&text, "| %s ", keep.Replace(cell))
		}
		text.WriteString("|\n")
	}
	return text.String()
}

func plainTable(header []string, rows [][]string) string {
	var text bytes.Buffer
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range slices.Concat([][]string{header}, rows) {
		fmt.Fprintln(columns, strings.NewReplacer("\t", " ", "\n", " ").Replace(strings.Join(row, "\v"))+"\v")
	}
	columns.Flush()
	return text.String()
}
