package learn

import (
	"math"
	"slices"

	"likeness/engine/internal/portable"
)

// Quality tells how well classes were told of vectors not learned from.
type Quality struct {
	Vectors  int     `json:"vectors"`
	Accuracy float64 `json:"accuracy"` // share told right, 0..1
	// Balanced is the mean of the recalls of the classes.
	Balanced float64 `json:"balanced_accuracy"`
	LogLoss  float64 `json:"log_loss"` // mean of -log of the right class's score, nats
	// Confusion[a][b] is how many of class a were told to be b.
	Confusion [][]int        `json:"confusion"`
	Classes   []ClassQuality `json:"classes"`
}

// ClassQuality is the quality of one class.
type ClassQuality struct {
	Label     string  `json:"label"`
	Vectors   int     `json:"vectors"`
	Precision float64 `json:"precision"` // of those told to be of the class, the share that is; 0 if none
	Recall    float64 `json:"recall"`    // of those of the class, the share told; 0 if none
	F1        float64 `json:"f1"`        // 2 precision recall / (precision + recall), or 0
}

// Measure compares logits, one list of len(labels) for each vector, with the
// classes. Logits are divided by temperature for LogLoss.
func Measure(logits [][]float64, class []int, labels []string, temperature float64) Quality {
	q := Quality{Vectors: len(class), Confusion: make([][]int, len(labels)), Classes: make([]ClassQuality, len(labels))}
	for c := range labels {
		q.Confusion[c] = make([]int, len(labels))
	}
	right := 0
	for i, z := range logits {
		told, _ := Best(z, math.Inf(-1))
		q.Confusion[class[i]][told]++
		if told == class[i] {
			right++
		}
		q.LogLoss -= portable.Log(max(Probabilities(z, temperature)[class[i]], 1e-12))
	}
	q.Accuracy, q.LogLoss = share(float64(right), float64(len(class))), share(q.LogLoss, float64(len(class)))
	there := 0
	for c, label := range labels {
		one := &q.Classes[c]
		one.Label = label
		told := 0
		for a := range labels {
			one.Vectors += q.Confusion[c][a]
			told += q.Confusion[a][c]
		}
		hits := float64(q.Confusion[c][c])
		one.Precision, one.Recall = share(hits, float64(told)), share(hits, float64(one.Vectors))
		one.F1 = share(float64(2*one.Precision)*one.Recall, one.Precision+one.Recall)
		if q.Balanced += one.Recall; one.Vectors > 0 {
			there++
		}
	}
	q.Balanced = share(q.Balanced, float64(there))
	return q
}

func share(part, of float64) float64 {
	if of == 0 {
		return 0
	}
	return part / of
}

// Calibrate returns the temperature by which logits of vectors not learned from
// must be divided so that the scores are most probable for the classes (Guo et
// al. 2017), within 0.01..100. Scores are then what they say: of those of 0.8
// about 80 of 100 are right. Of n vectors that are all told right the next one
// may still be wrong: 1/(n+2) of what is wanted goes to other classes, as by
// Laplace's rule, so that no score of few vectors is 1.
func Calibrate(logits [][]float64, class []int) float64 {
	if len(class) == 0 {
		return 1
	}
	// The log likelihood is concave in b = 1/temperature: its derivative falls.
	lo, hi := 0.01, 100.0
	other := 1 / float64(len(class)+2) / float64(max(len(logits[0])-1, 1))
	for range 60 {
		b := math.Sqrt(lo * hi)
		slope := 0.0
		for i, z := range logits {
			for c, p := range Probabilities(z, 1/b) {
				wanted := other
				if c == class[i] {
					wanted = 1 - float64(other*float64(len(z)-1))
				}
				slope += float64((wanted - p) * z[c])
			}
		}
		if slope > 0 {
			lo = b
		} else {
			hi = b
		}
	}
	return 1 / math.Sqrt(lo*hi)
}

// ThresholdFor returns the largest threshold below which no more than the share
// lost, 0..1, of the vectors told right lies, with the scores that temperature
// gives; 0 if lost is 0 or nothing is told right.
func ThresholdFor(logits [][]float64, class []int, temperature, lost float64) float64 {
	var scores []float64
	for i, z := range logits {
		if told, score := Best(Probabilities(z, temperature), 0); told == class[i] {
			scores = append(scores, score)
		}
	}
	k := int(math.Floor(float64(lost * float64(len(scores)))))
	if k == 0 {
		return 0
	}
	slices.Sort(scores)
	return scores[min(k, len(scores)-1)]
}
