package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// peer is somebody to compare with: the scripts of a framework, and how they are called.
type peer struct {
	name, framework string
	flags           []string
}

// choosePeers finds the peers by their names.
func (b *bench) choosePeers(names []string) error {
	known := []peer{{"torch", "torch", nil}, {"torch.compile", "torch", []string{"--compile"}}, {"jax", "jax", nil}}
	for _, name := range names {
		i := slices.IndexFunc(known, func(p peer) bool { return p.name == name })
		if i < 0 {
			return fmt.Errorf("--peers has %q: torch, torch.compile or jax", name)
		}
		b.peers = append(b.peers, known[i])
	}
	if b.original != "" {
		folder, err := filepath.Abs(b.original)
		if err != nil {
			return err
		}
		b.peers = append(b.peers, peer{"torch-original", "torch", []string{"--original", folder}})
	}
	return nil
}

// start starts a script of the peer's framework for a model.
func (b *bench) start(p peer, script, model string) (*side, error) {
	if b.python == "" {
		return nil, fmt.Errorf("--python is needed: one with PyTorch and JAX")
	}
	path := filepath.Join(b.root, "scripts/peers", p.framework+"_"+script+".py")
	command := exec.Command(b.python, slices.Concat([]string{"-B", path, model, "--device", b.device}, p.flags)...)
	command.Env = append(withoutAllocator(os.Environ()), "TORCHINDUCTOR_CACHE_DIR="+filepath.Join(b.scratch, "inductor"))
	if b.device == "cpu" {
		command.Env = append(command.Env, "CUDA_VISIBLE_DEVICES=")
	}
	return startSide(p.name, command)
}

// withoutAllocator leaves out what scripts/env.sh sets for XLA's buffers: peers allocate as on their users' machines.
func withoutAllocator(environment []string) []string {
	return slices.DeleteFunc(environment, func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return name == "LD_PRELOAD" || name == "MALLOC_CONF" || name == "GLIBC_TUNABLES"
	})
}

// ours starts our own side.
func (b *bench) ours(j job) (*side, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if j.Backend == "" {
		j.Backend = b.backend
	}
	return startSide("ours", exec.Command(program, "serve", j.String()))
}

// allOurs starts a side of ours for each job.
func (b *bench) allOurs(jobs []job) (sides []*side, err error) {
	for _, j := range jobs {
		s, err := b.ours(j)
		if err != nil {
			stopAll(sides)
			return nil, err
		}
		sides = append(sides, s)
	}
	return sides, nil
}

// startOrPass starts a peer and takes its first step. One that does not run here is passed over, and named;
// nil then.
func (b *bench) startOrPass(p peer, script, model string) *side {
	s, err := b.start(p, script, model)
	if err == nil {
		if _, err = s.run(1); err == nil {
			return s
		}
	}
	b.pass(p.name, model, err)
	return nil
}

// pass names a peer that cannot be compared with.
func (b *bench) pass(name, model string, err error) {
	line := fmt.Sprintf("%s, %s: %s is passed over: %s", b.what, model, name, strings.ReplaceAll(err.Error(), "\n", "; "))
	fmt.Fprintln(os.Stderr, line)
	b.report.PassedOver = append(b.report.PassedOver, line)
}
