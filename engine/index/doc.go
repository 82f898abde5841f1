// Package index is a collection of vectors as static files, and the search in
// it: models/INDEX.md specifies the bytes. [Build] writes the files, [Open]
// reads what a search needs of them, by whole files or by ranges of bytes, from
// a disk or over HTTP. A search gives the same matches, with the same scores to
// the bit, on every platform.
//
// Small collections are one set of int8 vectors, and every vector is compared.
// Larger ones are inverted lists (Jégou, Douze, Schmid, "Product quantization
// for nearest neighbor search", 2011): spherical k-means divides the vectors
// among lists, a search looks through the lists whose centres are nearest to
// the query, compares codes of one bit a value there, and ranks the best by
// their int8 vectors.
package index
