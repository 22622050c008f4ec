// Command xlainstall fetches XLA's CPU plugin with go-xla's own installer, into go-xla's own folder
// in the home directory. scripts/setup.sh calls it where no Python wheel of the plugin exists.
package main

import (
	"fmt"
	"os"

	"github.com/gomlx/go-xla/installer"
)

func main() {
	if err := installer.AutoInstallPlugin("cpu", "", true, installer.Normal); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
