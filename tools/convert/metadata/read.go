package metadata

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Read reads a file that a publisher lays beside a network: metadata.json of
// Teachable Machine, preprocessor_config.json or config.json of Hugging Face,
// config.json of timm. ok is false where it is none of these, err is set where it
// is one and cannot be followed, and where it is no JSON.
func Read(data []byte, name string) (s *Source, ok bool, err error) {
	if len(data) > MaxFile {
		return nil, false, fmt.Errorf("%s has %d bytes, at most %d are read", name, len(data), MaxFile)
	}
	var c config
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, false, fmt.Errorf("%s is not the JSON it should be: %w", name, short(err))
	}
	s = &Source{From: name}
	switch {
	case c.TeachableMachine != "" || c.ImageSize.isNumber() && c.Labels != nil:
		s.Preparation, err = c.teachable()
	case c.Pretrained != nil:
		s.Preparation, err = readAs(c.Pretrained, (*pretrained).preparation)
	case c.InputSize != nil:
		s.Preparation, err = readAs(data, (*pretrained).preparation)
	case c.isProcessor():
		s.Preparation, err = readAs(data, (*processor).preparation)
	case c.ID2Label == nil:
		return nil, false, nil
	}
	if err == nil && !c.isProcessor() {
		s.Labels, err = c.labels(data)
	}
	if err != nil {
		return nil, true, fmt.Errorf("%s: %w", name, err)
	}
	if s.Preparation != nil {
		s.Preparation.From = name
		if err := s.Preparation.check(); err != nil {
			return nil, true, fmt.Errorf("%s: %w", name, err)
		}
	}
	return s, true, nil
}

// readAs reads JSON as one kind of file and gives its preparation.
func readAs[T any](data []byte, preparation func(*T) (*Preparation, error)) (*Preparation, error) {
	var c T
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, short(err)
	}
	return preparation(&c)
}

// labels are those of a file that has some.
func (c *config) labels(data []byte) ([]string, error) {
	if c.ID2Label == nil && c.Labels == nil && c.LabelNames == nil {
		return nil, nil
	}
	labels, err := fromLiteral(string(data))
	if err == nil {
		err = check(labels)
	}
	if err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	if nameless(labels) {
		return nil, nil
	}
	return labels, nil
}

// short drops Go's names from what encoding/json says.
func short(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s is a %s, which it cannot be", wrong.Field, wrong.Value)
	}
	return err
}

// config is the keys that tell the kinds of files apart.
type config struct {
	TeachableMachine string          `json:"tmVersion"`
	ImageSize        *size           `json:"imageSize"`
	Labels           json.RawMessage `json:"labels"`
	Pretrained       json.RawMessage `json:"pretrained_cfg"`
	InputSize        json.RawMessage `json:"input_size"`
	ID2Label         json.RawMessage `json:"id2label"`
	LabelNames       json.RawMessage `json:"label_names"`
	ImageProcessor   json.RawMessage `json:"image_processor_type"`
	FeatureExtractor json.RawMessage `json:"feature_extractor_type"`
	ImageMean        json.RawMessage `json:"image_mean"`
	DoResize         json.RawMessage `json:"do_resize"`
	DoNormalize      json.RawMessage `json:"do_normalize"`
}

// isProcessor reports preprocessor_config.json of transformers.
func (c *config) isProcessor() bool {
	return c.ImageProcessor != nil || c.FeatureExtractor != nil || c.ImageMean != nil || c.DoResize != nil || c.DoNormalize != nil
}

// teachable is what the library of Teachable Machine does: the short side becomes
// the network's, the longer one is cut to the centre, and values are -1 to 1
// (@teachablemachine/image: cropTo and capture).
func (c *config) teachable() (*Preparation, error) {
	side := 224
	if c.ImageSize.isNumber() {
		side = *c.ImageSize.number
	}
	if side < 1 || side > maxSide {
		return nil, fmt.Errorf("imageSize is %d, 1 to %d are possible", side, maxSide)
	}
	return &Preparation{Width: side, Height: side, Resize: "shorter", Side: side, NoMargin: true, Interpolation: "bilinear", Order: "RGB", Mean: same(127.5), Std: same(127.5)}, nil
}

// maxSide is that of picture.Preparation.
const maxSide = 4096

// size is what Hugging Face writes for a size: a number, or an object of height
// and width or of shortest_edge.
type size struct {
	number                    *int
	Height, Width             *int
	ShortestEdge, LongestEdge *int
}

func (s *size) isNumber() bool { return s != nil && s.number != nil }

func (s *size) UnmarshalJSON(data []byte) error {
	if !strings.HasPrefix(string(data), "{") {
		var list []int
		if json.Unmarshal(data, &list) == nil && len(list) == 2 { // height, width
			s.Height, s.Width = &list[0], &list[1]
			return nil
		}
		return json.Unmarshal(data, &s.number)
	}
	var in struct {
		Height, Width *int
		ShortestEdge  *int `json:"shortest_edge"`
		LongestEdge   *int `json:"longest_edge"`
	}
	err := json.Unmarshal(data, &in)
	s.Height, s.Width, s.ShortestEdge, s.LongestEdge = in.Height, in.Width, in.ShortestEdge, in.LongestEdge
	return err
}

// channels are one number, or one for each.
type channels struct{ v [3]float64 }

func (c *channels) UnmarshalJSON(data []byte) error {
	var one float64
	if json.Unmarshal(data, &one) == nil {
		c.v = *same(one)
		return nil
	}
	var all []float64
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	switch len(all) {
	case 1:
		c.v = *same(all[0])
	case 3:
		c.v = [3]float64(all)
	default:
		return fmt.Errorf("%d numbers for the channels, 1 or 3 are wanted", len(all))
	}
	return nil
}
