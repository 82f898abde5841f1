package main

import (
	"fmt"
	"strconv"
	"strings"
)

// shard is one of so many equal parts of a list of pictures, by which several
// machines share the work: those of one after the other are the whole list.
type shard struct{ i, of int }

func (s *shard) String() string {
	if s == nil || s.of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.i, s.of)
}

// Set reads I/N, I from 1 to N.
func (s *shard) Set(text string) error {
	first, last, ok := strings.Cut(text, "/")
	i, err := strconv.Atoi(first)
	n, err2 := strconv.Atoi(last)
	if !ok || err != nil || err2 != nil || i < 1 || n < i {
		return fmt.Errorf("expected I/N, such as 3/16, with I from 1 to N")
	}
	s.i, s.of = i, n
	return nil
}

// cut keeps the part of the files that is the shard's.
func (s *shard) cut(files []string) []string {
	if s.of == 0 {
		return files
	}
	return files[len(files)*(s.i-1)/s.of : len(files)*s.i/s.of]
}
