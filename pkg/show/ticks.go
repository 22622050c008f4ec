package show

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
)

// linearTicks marks about so many round numbers: 1, 2 or 5 times a power of ten apart.
func linearTicks(about float64) plot.TickerFunc {
	return func(low, high float64) []plot.Tick {
		rough := (high - low) / about
		power := math.Pow(10, math.Floor(math.Log10(rough)))
		step := 10 * power
		for _, digit := range []float64{5, 2, 1} {
			if digit*power >= rough*0.99 {
				step = digit * power
			}
		}
		var ticks []plot.Tick
		for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
			ticks = append(ticks, plot.Tick{Value: i * step, Label: readable(i * step)})
		}
		return ticks
	}
}

// stepTicks are linear ticks at whole steps only.
func stepTicks(low, high float64) []plot.Tick {
	return linearTicks(min(9, max(1, high-low)))(low, high)
}

// logTicks marks 1 to 9 in each power of ten and writes what there is room for: all over less than a
// power of ten, 1, 2 and 5 over two, else the powers alone.
func logTicks(low, high float64) []plot.Tick {
	powers := math.Log10(high / low)
	if powers < 0.5 {
		return linearTicks(5)(low, high)
	}
	every := max(1, math.Round(powers/8)) // powers of ten between two labels
	var ticks []plot.Tick
	for power := math.Floor(math.Log10(low)); power <= math.Ceil(math.Log10(high)); power++ {
		for digit := 1.0; digit < 10; digit++ {
			value := digit * math.Pow(10, power)
			if value < low || value > high {
				continue
			}
			tick := plot.Tick{Value: value}
			if (digit == 1 && math.Mod(power, every) == 0) || powers < 1 || (powers < 2.5 && (digit == 2 || digit == 5)) {
				tick.Label = readable(value)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// readable writes a number with few digits, thousands apart.
func readable(value float64) string {
	if value != math.Trunc(value) || math.Abs(value) >= 1e15 {
		return fmt.Sprintf("%.3g", value)
	}
	digits := fmt.Sprintf("%.0f", value+0) // -0 becomes 0
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
