package kernel

// dotRows is how many rows share each load of the query.
const dotRows = 4

// RowDots multiplies a query with n rows of int8, each of the query's length,
// one after the other:
//
//	out[i] = sum over j of query[j] * rows[i*len(query)+j]
//
// Sums are exact if they and those of any part of them fit an int32, as they do
// where the product of the lengths of query and row is below 2^31; -32768 must
// not be in the query. out has n entries or more. All bodies give the same.
func RowDots(out []int32, rows []int8, query []int16, n int) {
	k := len(query)
	if n < 0 || len(rows) < n*k || len(out) < n {
		panic("kernel: RowDots: rows or output too short")
	}
	if n == 0 {
		return
	}
	if k == 0 {
		clear(out[:n])
		return
	}
	rowDots(out[:n], rows[:n*k], query)
}

// rowDotsPortable is what the other bodies equal.
func rowDotsPortable(out []int32, rows []int8, query []int16) {
	k := len(query)
	for i := range out {
		row := rows[i*k:][:k]
		var s0, s1 int32
		j := 0
		for ; j+2 <= k; j += 2 {
			s0 += int32(query[j]) * int32(row[j])
			s1 += int32(query[j+1]) * int32(row[j+1])
		}
		if j < k {
			s0 += int32(query[j]) * int32(row[j])
		}
		out[i] = s0 + s1
	}
}

// rowDotsTail adds the products of the values from the given one on.
func rowDotsTail(out []int32, rows []int8, query []int16, from int) {
	k := len(query)
	if from == k {
		return
	}
	for i := range out {
		row := rows[i*k:][:k]
		for j := from; j < k; j++ {
			out[i] += int32(query[j]) * int32(row[j])
		}
	}
}
