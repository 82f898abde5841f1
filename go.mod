module likeness

go 1.27

toolchain go1.27.4

require (
	github.com/gen2brain/avif v0.4.4
	github.com/gen2brain/heic v0.4.5
	github.com/google/flatbuffers v25.12.19+incompatible
	github.com/syumai/tinyutil v0.3.2
	github.com/tetratelabs/wazero v1.12.0
	golang.org/x/image v0.47.0
	golang.org/x/sys v0.49.0
	gonum.org/v1/gonum v0.17.0
	google.golang.org/protobuf v1.36.12
)

require github.com/ebitengine/purego v0.8.3 // indirect
