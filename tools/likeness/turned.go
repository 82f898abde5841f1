package main

import (
	"fmt"
	"runtime"
	"strings"
	"sync"

	"likeness/engine/picture"
	"likeness/engine/twins"
	"likeness/tools/regular"
)

// addTurned adds copies that were turned or mirrored, which vectors do not find,
// to the groups, or as groups of their own; how tells of each what was done to
// it. Pictures that cannot be read any more are passed over.
func (a *app) addTurned(p *progress, c *vectorSet, groups [][]int) (all [][]int, how map[int]string, err error) {
	of := make([]int32, len(c.names))
	for i := range of {
		of[i] = -1
	}
	for g, members := range groups {
		for _, i := range members {
			of[i] = int32(g)
		}
	}
	pairs, err := twins.Candidates(c.data, c.dim, twins.DefaultCandidate, of, a.check(p, "looking for turned copies"))
	if err != nil {
		return nil, nil, err
	}
	prints, err := a.prints(p, c, pairs)
	if err != nil {
		return nil, nil, err
	}
	how = map[int]string{}
	for _, pair := range pairs {
		x, y := int(pair.A), int(pair.B)
		if prints[x] == nil || prints[y] == nil || of[x] >= 0 && of[x] == of[y] {
			continue
		}
		score, turn := twins.Compare(prints[x], prints[y])
		if score < twins.DefaultLeast || turn == 0 { // upright copies are for the threshold
			continue
		}
		if of[y] >= 0 && of[x] < 0 {
			x, y, turn = y, x, turn.Inverse()
		}
		if of[y] >= 0 { // both have copies already: their groups stay apart
			continue
		}
		if of[x] < 0 {
			of[x] = int32(len(groups))
			groups = append(groups, []int{x})
		}
		of[y] = of[x]
		groups[of[x]] = append(groups[of[x]], y)
		how[y] = turnText(turn)
	}
	return groups, how, nil
}

// prints reads the pictures of pairs, on all cores, by their places in c.
func (a *app) prints(p *progress, c *vectorSet, pairs []twins.Candidate) (map[int]*twins.Print, error) {
	wanted := map[int]bool{}
	var list []int
	for _, pair := range pairs {
		for _, i := range []int{int(pair.A), int(pair.B)} {
			if !wanted[i] {
				wanted[i] = true
				list = append(list, i)
			}
		}
	}
	made := make([]*twins.Print, len(list))
	next := make(chan int)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for k := range next {
				made[k] = printOf(c.names[list[k]])
			}
		})
	}
	for k := range list {
		if a.ctx.Err() != nil {
			break
		}
		p.share("comparing pixels", float64(k)/float64(len(list)))
		next <- k
	}
	close(next)
	wait.Wait()
	if a.ctx.Err() != nil {
		return nil, a.interrupted()
	}
	prints := make(map[int]*twins.Print, len(list))
	for k, i := range list {
		if made[k] != nil {
			prints[i] = made[k]
		}
	}
	return prints, nil
}

func printOf(name string) *twins.Print {
	data, _, err := regular.Read(name, maxPicture)
	if err != nil {
		return nil
	}
	pic, err := picture.Open(data, picture.Limits{})
	if err != nil {
		return nil
	}
	print, err := twins.Read(pic)
	if err != nil {
		return nil
	}
	return print
}

func turnText(t twins.Turn) string {
	var words []string
	if t.Mirrored() {
		words = append(words, "mirrored")
	}
	if t.Quarters() > 0 {
		words = append(words, fmt.Sprintf("turned by %d degrees", 90*t.Quarters()))
	}
	return strings.Join(words, ", ")
}
