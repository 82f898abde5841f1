package signal

import (
	"slices"
	"strconv"
	"strings"
)

// Options are the parameters of all kinds; New and Parse give the defaults.
type Options struct {
	Kind string // one of Kinds
	// Size is the side in pixels of the square that a picture is stretched to;
	// 0 leaves one pixel for each value. Pages are never stretched.
	Size int

	// Of sounds, as librosa.load, feature.melspectrogram and power_to_db.
	SR        int     // Hz, that the sound is resampled to; 0: as the file has it
	NFFT      int     // samples of a window's transform
	HopLength int     // samples from one window to the next
	WinLength int     // samples of a window, 0 for NFFT
	NMels     int     // mel bands, the rows of the picture
	FMin      float64 // Hz
	FMax      float64 // Hz, 0 for half of the sampling rate
	Power     float64 // of the magnitudes: 1 amplitude, 2 power
	TopDB     float64 // dB below the loudest that are black
	Offset    float64 // seconds that are left out at the start
	Duration  float64 // seconds that are taken, 0 for all

	// Of series, as pyts.image.GramianAngularField and RecurrencePlot.
	Column     string  // name or number from 1 of the column; "": the last that is all numbers
	ImageSize  int     // means that the series is brought to by piecewise aggregation; 0: 224 at most
	Method     string  // of gaf: summation or difference
	Dimension  int     // of recurrence: values of a trajectory
	TimeDelay  int     // between two values of a trajectory
	Threshold  string  // none, point, distance or a number
	Percentage float64 // what point and distance go by

	// Of pages: characters of a line, and lines.
	Columns, Lines int
	// Width of the plot of bytes, 0: by the size of the file, as Nataraj et al.
	// have it (Malware Images, VizSec 2011, table 1).
	Width int
}

// New returns the defaults of a kind.
func New(kind string) (*Options, error) {
	if !slices.Contains(Kinds, kind) {
		return nil, refuse(CodeOptions, "%q is no kind of picture: choose %s", kind, strings.Join(Kinds, ", "))
	}
	return &Options{Kind: kind, Size: 224, SR: 22050, NFFT: 2048, HopLength: 512, NMels: 128, Power: 2, TopDB: 80,
		Method: "summation", Dimension: 1, TimeDelay: 1, Threshold: "none", Percentage: 10, Columns: 40, Lines: 20}, nil
}

// Parse takes parameters as name=value with commas between, "" for none.
func Parse(kind, parameters string) (*Options, error) {
	o, err := New(kind)
	if err != nil || parameters == "" {
		return o, err
	}
	for _, one := range strings.Split(parameters, ",") {
		name, value, ok := strings.Cut(one, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		f := o.find(name)
		if !ok || f == nil {
			return nil, refuse(CodeOptions, "%q is no parameter of %s: write name=value, with commas between; there are %s", one, kind, strings.Join(o.names(), ", "))
		}
		if err := f.set(value); err != nil {
			return nil, err
		}
	}
	return o, o.check()
}

// String has the kind and what differs from its defaults, as Parse takes it:
// "mel n_fft=1024,n_mels=64". Two that are equal make the same pictures.
func (o *Options) String() string {
	d, err := New(o.Kind)
	if err != nil {
		return o.Kind
	}
	var parts []string
	was := d.fields()
	for i, f := range o.fields() {
		if f.of(o.Kind) && f.text() != was[i].text() {
			parts = append(parts, f.name+"="+f.text())
		}
	}
	return strings.TrimSpace(o.Kind + " " + strings.Join(parts, ","))
}

// ParseString reads what String has written; "" gives nil.
func ParseString(s string) (*Options, error) {
	if s == "" {
		return nil, nil
	}
	kind, parameters, _ := strings.Cut(s, " ")
	return Parse(kind, parameters)
}

// field is a parameter: the kinds that have it, and a pointer to its value.
type field struct {
	name      string
	kinds     string
	value     any
	low, high float64
}

// largest bounds whole numbers that have no other bound.
const largest = 1 << 20

func (o *Options) fields() []field {
	return []field{
		{"size", "mel gaf recurrence bytes", &o.Size, 0, 2048},
		{"sr", Mel, &o.SR, 0, maxRate}, {"n_fft", Mel, &o.NFFT, 2, 1 << 16}, {"hop_length", Mel, &o.HopLength, 1, 1 << 16},
		{"win_length", Mel, &o.WinLength, 0, 1 << 16}, {"n_mels", Mel, &o.NMels, 1, 1024}, {"fmin", Mel, &o.FMin, 0, maxRate}, {"fmax", Mel, &o.FMax, 0, maxRate},
		{"power", Mel, &o.Power, 0.1, 4}, {"top_db", Mel, &o.TopDB, 1, 200}, {"offset", Mel, &o.Offset, 0, 1e6}, {"duration", Mel, &o.Duration, 0, 1e6},
		{"column", "gaf recurrence", &o.Column, 0, 0}, {"image_size", "gaf recurrence", &o.ImageSize, 0, 2048},
		{"method", GAF, &o.Method, 0, 0},
		{"dimension", Recurrence, &o.Dimension, 1, largest}, {"time_delay", Recurrence, &o.TimeDelay, 1, largest},
		{"threshold", Recurrence, &o.Threshold, 0, 0}, {"percentage", Recurrence, &o.Percentage, 0, 100},
		{"columns", Page, &o.Columns, 1, 250}, {"lines", Page, &o.Lines, 1, 250},
		{"width", Bytes, &o.Width, 0, 2048},
	}
}

// of reports whether a kind has the parameter; auto makes three kinds.
func (f *field) of(kind string) bool {
	for _, k := range strings.Fields(f.kinds) {
		if k == kind || kind == Auto && (k == Mel || k == GAF || k == Page) {
			return true
		}
	}
	return false
}

func (o *Options) find(name string) *field {
	for _, f := range o.fields() {
		if f.name == name && f.of(o.Kind) {
			return &f
		}
	}
	return nil
}

func (o *Options) names() (names []string) {
	for _, f := range o.fields() {
		if f.of(o.Kind) {
			names = append(names, f.name)
		}
	}
	return names
}

func (f *field) text() string {
	switch v := f.value.(type) {
	case *int:
		return strconv.Itoa(*v)
	case *float64:
		return strconv.FormatFloat(*v, 'g', -1, 64)
	case *string:
		return *v
	}
	return ""
}

func (f *field) set(text string) error {
	var n float64
	var err error
	switch v := f.value.(type) {
	case *int:
		*v, err = strconv.Atoi(text)
		n = float64(*v)
	case *float64:
		*v, err = strconv.ParseFloat(text, 64)
		n = *v
	case *string:
		*v = text
		return nil
	}
	if err != nil || !(n >= f.low && n <= f.high) {
		return refuse(CodeOptions, "%s=%s: a number from %v to %v is wanted", f.name, text, f.low, f.high)
	}
	return nil
}

// check refuses what does not go together.
func (o *Options) check() error {
	threshold, err := strconv.ParseFloat(o.Threshold, 64)
	switch {
	case o.Method == "s":
		o.Method = "summation"
	case o.Method == "d":
		o.Method = "difference"
	}
	switch {
	case o.Method != "summation" && o.Method != "difference":
		return refuse(CodeOptions, "method=%s: choose summation or difference", o.Method)
	case !slices.Contains([]string{"none", "point", "distance"}, o.Threshold) && !(err == nil && threshold > 0 && threshold < 1e300):
		return refuse(CodeOptions, "threshold=%s: choose none, point, distance or a number above 0", o.Threshold)
	case o.WinLength > o.NFFT:
		return refuse(CodeOptions, "win_length=%d is more than n_fft=%d", o.WinLength, o.NFFT)
	case o.FMax > 0 && o.FMax <= o.FMin:
		return refuse(CodeOptions, "fmax=%v is not above fmin=%v", o.FMax, o.FMin)
	case o.SR > 0 && max(o.FMax, o.FMin) > float64(o.SR)/2:
		return refuse(CodeOptions, "fmin and fmax are at most half of the sampling rate of %d Hz: raise sr", o.SR)
	case o.SR > 0 && o.SR < minRate:
		return refuse(CodeOptions, "sr=%d: %d to %d Hz are wanted, or 0 for the file's own", o.SR, minRate, maxRate)
	}
	return nil
}
