package backend

import (
	"os"
	"path/filepath"
	"strings"
)

const cuda = "xla:cuda"

func hasGPU() bool {
	devices, _ := filepath.Glob("/dev/nvidia[0-9]*")
	return len(devices) > 0
}

// prepareCUDA completes the name of the CUDA backend, and sets what its plugin reads from the environment:
//   - TensorFloat-32 is off unless the name says tf32=true: it keeps 10 of the 23 bits of each factor. GoMLX turns
//     it off for products, NVIDIA's variable for convolutions.
//   - XLA tries no kernels of its own for matrix products: compiling them takes minutes. XLA_FLAGS wins over it.
//
// Other names stay as they are.
func prepareCUDA(name string) string {
	if name != cuda && !strings.HasPrefix(name, cuda+",") {
		return name
	}
	if !strings.Contains(name, "tf32=") {
		name += ",tf32=false"
	}
	if strings.Contains(name, "tf32=false") {
		os.Setenv("NVIDIA_TF32_OVERRIDE", "0")
	}
	const ownKernels = "--xla_gpu_enable_triton_gemm"
	if flags := os.Getenv("XLA_FLAGS"); !strings.Contains(flags, ownKernels) {
		os.Setenv("XLA_FLAGS", strings.TrimSpace(flags+" "+ownKernels+"=false"))
	}
	return name
}
