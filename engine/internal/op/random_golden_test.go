package op_test

// Hashes of TestRandomGraphs, one a batch.
var randomHashes = []string{
	"6825e2bf4bcad441", "e09999e0b07c8511", "3583f0a2f8730c25", "6f6ab44b3c16bcdc",
	"b7780e89a528b47a", "85b96d5a54905ab5", "7262ee71f3156f92", "718956ed03c0d390",
}
