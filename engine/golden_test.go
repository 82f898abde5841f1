package engine_test

// Hashes of TestGoldenVectors.
const (
	goldenScaled        = ""
	goldenDepthwise     = ""
	goldenPadded        = ""
	goldenProbabilities = ""
)
