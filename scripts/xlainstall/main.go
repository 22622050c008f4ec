// Command xlainstall fetches XLA's CPU plugin with go-xla's own installer, into go-xla's own folder
// in the home directory, for machines for which there is no Python wheel of the plugin. The version is the one that
// go-xla names; its hash is not checked, so nobody but the user calls it.
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
