package engine_test

// Hashes of TestGoldenVectors.
const (
	goldenScaled        = "f8471410966bda06"
	goldenDepthwise     = "c09f9e51127631d2"
	goldenPadded        = "63c5645f2e39f62e"
	goldenProbabilities = "8ec6e20c4f2b24d3"
	goldenGem           = "00ba468b6c3b84e5"
	goldenGemOther      = "5be85bb261ccbd57"
)
