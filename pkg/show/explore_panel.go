package show

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/dom"
	"github.com/janpfeifer/gonb/gonbui/widgets"
)

// panel is a row of controls in the front end.
type panel struct {
	output   string        // the cell's output that holds the row
	ready    chan struct{} // is closed when all controls are there
	changed  chan struct{} // has an element when a value has changed
	finished chan struct{} // is closed when Done is pressed

	mu     sync.Mutex
	report int // the number of the newest report
	values []int
}

// reportChanges makes the front end report each change in a row of controls: as text, the report's number from
// 1 on and then the values of all controls. Numbered, because messages overtake each other in GoNB, and the
// picture would stay at an earlier position of a slider.
const reportChanges = `(() => {
	const row = document.getElementById('%s');
	let reports = 0;
	row.addEventListener('input', () => {
		const values = Array.from(row.querySelectorAll('input, select'), control => control.value);
		globalThis.gonb_comm?.send('%s', [++reports, ...values].join(' '));
	});
})();`

// newPanel starts to build the controls, which takes until the front end answers.
func newPanel(controls []Control) *panel {
	p := &panel{
		output: "panel_" + gonbui.UniqueID(),
		ready:  make(chan struct{}), changed: make(chan struct{}, 1), finished: make(chan struct{}),
	}
	for _, control := range controls {
		p.values = append(p.values, control.now)
	}
	row, address := p.output+"_row", "/"+p.output
	gonbui.UpdateHTML(p.output, fmt.Sprintf(`<div id="%s" style="display: flex; flex-wrap: wrap; gap: 0.3em 1em; align-items: center"></div>`, row))
	go func() {
		comms.Subscribe(address, func(_, report string) { p.take(report) })
		dom.TransientJavascript(fmt.Sprintf(reportChanges, row, address))
		for _, control := range controls {
			control.build(row)
		}
		p.buildDone(row, address+"/done")
		close(p.ready)
	}()
	return p
}

// build puts a control into a row.
func (c Control) build(row string) {
	dom.Append(row, "<span>"+html.EscapeString(c.label)+"</span>")
	if c.options == nil {
		widgets.Slider(c.low, c.high, c.now).AppendTo(row).Done()
		return
	}
	escaped := make([]string, len(c.options))
	for i, option := range c.options {
		escaped[i] = html.EscapeString(option)
	}
	widgets.Select(escaped).SetDefault(c.now).AppendTo(row).Done()
}

// buildDone puts the button into a row. It subscribes before the button does, which gives its own subscription
// up as soon as it is there: to follow only then could miss every click.
func (p *panel) buildDone(row, address string) {
	var once sync.Once
	comms.Subscribe(address, func(_ string, clicks int) {
		if clicks > 0 { // 0 says that the button is there
			once.Do(func() { close(p.finished) })
		}
	})
	widgets.Button("Done").WithAddress(address).AppendTo(row).Done()
}

// take reads a report of the front end, unless a newer one was there before. Changes that come faster than
// they are drawn are one change.
func (p *panel) take(report string) {
	var numbers []int
	for _, word := range strings.Fields(report) {
		number, err := strconv.Atoi(word)
		if err != nil {
			return
		}
		numbers = append(numbers, number)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A control that is moved while others are still being built reports too few values.
	if len(numbers) != 1+len(p.values) || numbers[0] <= p.report {
		return
	}
	same := slices.Equal(p.values, numbers[1:])
	p.report, p.values = numbers[0], numbers[1:]
	if same {
		return
	}
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

func (p *panel) current() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.values)
}

// remove takes the controls out of the cell's output.
func (p *panel) remove() {
	gonbui.UpdateHTML(p.output, "")
	gonbui.Sync()
}
