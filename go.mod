module likeness

go 1.27

toolchain go1.27.4

require (
	github.com/google/flatbuffers v25.12.19+incompatible
	github.com/syumai/tinyutil v0.3.2
	golang.org/x/image v0.47.0
	gonum.org/v1/gonum v0.17.0
	google.golang.org/protobuf v1.36.12
)
