package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"likeness/engine"
	"likeness/engine/learn"
	"likeness/engine/model"
	"likeness/engine/printable"
	"likeness/engine/tune"
	"likeness/tools/convert"
	"likeness/tools/output"
)

var teachCommand = command{
	name:    "teach",
	summary: "teach a model to tell your own classes of pictures",
	usage:   "[--head knn|softmax|dense | --from LAYER] [flags] FOLDER -o MODEL.safetensors",
	example: "likeness teach flowers/ -o flowers.safetensors    # flowers/rose/1.jpg is of the class rose\n" +
		"likeness teach --head dense --widths 256 --epochs 40 flowers/ -o flowers.safetensors\n" +
		"likeness teach --from expanded_conv_14/add flowers/ -o flowers.safetensors    # fine-tunes the last blocks\n" +
		"likeness classify --model flowers.safetensors photos/",
	run: (*app).teach,
}

type teachFlags struct {
	model, layer, pool, resize, out string
	widths                          string
	folds                           int
	unsure                          float64
	memory                          memoryFlag
	signals                         signalFlags
	json                            bool
	learn                           learn.Options
	tune                            tuneFlags
}

func (f *teachFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.out, "o", "", "`FILE.safetensors` to write: the network up to the layer, and the head")
	fs.StringVar(&f.model, "model", "", "`MODEL` file, or its name in models/ (default: the best there)")
	fs.StringVar(&f.layer, "layer", "", "`LAYER` whose vectors are learned from (default: the model's)")
	fs.StringVar(&f.pool, "pool", "avg", "avg, max or flatten")
	fs.StringVar(&f.resize, "resize", "", "how pictures are brought to the network's size, as likeness embed has it; the model written does the same (default: the model's)")
	fs.StringVar(&f.learn.Kind, "head", learn.Softmax, "softmax (softmax regression), dense (a network with hidden layers) or knn (the nearest neighbours, which the file keeps)")
	fs.IntVar(&f.learn.K, "k", 5, "knn: `NEIGHBOURS` that vote")
	fs.Float64Var(&f.learn.C, "c", 10, "softmax: inverse strength of regularisation, as scikit-learn's `C`")
	fs.StringVar(&f.widths, "widths", "1024", "dense: `WIDTHS` of the hidden layers, separated by commas")
	f.tune.define(fs)
	fs.IntVar(&f.learn.Epochs, "epochs", 0, "`ROUNDS` at most (default: dense 60, softmax 200, --from 30)")
	fs.IntVar(&f.learn.Batch, "batch", 0, "dense, --from: `VECTORS` or pictures of one step (default: 32, --from 16)")
	fs.Float64Var(&f.learn.Rate, "rate", 0, "dense, --from: `RATE` of learning (default: 1e-3, --from 3e-4 or of sgd 1e-2)")
	fs.Float64Var(&f.learn.Decay, "decay", 0, "dense, --from: `DECAY` of weights; negative: none (default: 1e-2, of sgd 1e-4)")
	fs.Float64Var(&f.learn.Dropout, "dropout", 0, "dense: `SHARE` of hidden values left out at each step, 0 to 0.9")
	fs.Float64Var(&f.learn.Smoothing, "smoothing", 0, "softmax, dense, --from: `SHARE` of the wanted probability that is spread over all classes, 0 to 0.5")
	fs.IntVar(&f.learn.Patience, "patience", 0, "dense, --from: hold a tenth of the pictures out and stop when they have not gained for so many `EPOCHS` (default: never)")
	fs.BoolVar(&f.learn.Balanced, "balanced", false, "small classes count as much as large ones")
	fs.BoolVar(&f.learn.Standardise, "standardise", false, "give each of the vector's values mean 0 and variance 1 first")
	fs.IntVar(&f.folds, "folds", 5, "measure by learning from all but one of `N` parts and telling that one, in turns; 0 does not measure, and leaves scores uncalibrated")
	fs.Float64Var(&f.unsure, "unsure", 0, "`SHARE`, 0 to 0.5, of what is told right that may be called none of the classes, so that other pictures are: chooses the least score by the parts of --folds")
	fs.Uint64Var(&f.learn.Seed, "seed", 0, "`NUMBER` that chooses what is left to chance: the same gives the same file, everywhere")
	f.signals.define(fs)
	defineMemory(fs, &f.memory)
	fs.BoolVar(&f.json, "json", false, "print what was learned as JSON on standard output")
}

// check refuses what can be refused before any work.
func (f *teachFlags) check(fs *flag.FlagSet, dirs []string) error {
	set := map[string]bool{}
	fs.Visit(func(g *flag.Flag) { set[g.Name] = true })
	switch {
	case len(dirs) != 1:
		return usagef("one folder with a subfolder for each class is wanted, %d paths are given", len(dirs))
	case f.out == "" || f.out == "-":
		return usagef("where does the model go: give -o FILE.safetensors")
	case !slices.Contains(learn.Kinds, f.learn.Kind):
		return usagef("--head %s is not known: choose %s", f.learn.Kind, strings.Join(learn.Kinds, ", "))
	case f.folds < 0 || f.folds == 1:
		return usagef("--folds %d: at least 2 parts are wanted, or 0", f.folds)
	case !(f.unsure >= 0 && f.unsure <= 0.5):
		return usagef("--unsure %v is not in 0..0.5", f.unsure)
	case f.unsure > 0 && f.folds == 0:
		return usagef("--unsure is measured by --folds, which is 0")
	}
	if err := f.checkKind(set); err != nil {
		return err
	}
	for _, s := range strings.Split(f.widths, ",") {
		w, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || w < 1 {
			return usagef("--widths %s: numbers of values separated by commas are wanted, such as 1024 or 512,128", f.widths)
		}
		f.learn.Widths = append(f.learn.Widths, w)
	}
	if set["decay"] && f.learn.Decay == 0 {
		f.learn.Decay = -1 // none, not the default
	}
	if set["momentum"] && f.tune.momentum == 0 {
		f.tune.momentum = -1
	}
	if f.memory == 0 {
		f.memory = memoryFlag(defaultMemory())
	}
	return nil
}

// kinds names the heads that a flag is for; "" stands for --from.
var kinds = map[string][]string{"k": {learn.KNN}, "c": {learn.Softmax, ""}, "widths": {learn.Dense}, "batch": {learn.Dense, ""}, "rate": {learn.Dense, ""}, "decay": {learn.Dense, ""},
	"dropout": {learn.Dense}, "patience": {learn.Dense, ""}, "epochs": {learn.Softmax, learn.Dense, ""}, "smoothing": {learn.Softmax, learn.Dense, ""},
	"balanced": {learn.Softmax, learn.Dense, ""}, "standardise": {learn.Softmax, learn.Dense}, "head": learn.Kinds,
	"views": {""}, "cache": {""}, "optimiser": {""}, "momentum": {""}, "warm-up": {""}}

// checkKind refuses flags that what is taught does not know.
func (f *teachFlags) checkKind(set map[string]bool) error {
	own := f.learn.Kind
	if f.tune.from != "" {
		own = ""
	}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		heads := kinds[name]
		if !set[name] || slices.Contains(heads, own) {
			continue
		}
		var ways []string
		for _, h := range heads {
			if h != "" {
				ways = append(ways, "--head "+h)
			} else {
				ways = append(ways, "--from LAYER")
			}
		}
		if name == "head" {
			return usagef("--head goes without --from: fine-tuning has a head of its own, softmax")
		}
		return usagef("--%s is for %s", name, strings.Join(ways, " and "))
	}
	return nil
}

// taught is what teach --json prints.
type taught struct {
	Model     string `json:"model"` // that was taught
	ModelHash string `json:"model_hash"`
	Layer     string `json:"layer"`
	Pool      string `json:"pool"`
	Dim       int    `json:"dim"`
	Head      string `json:"head"`
	From      string `json:"from,omitempty"` // layer after which all was trained
	// Cached is how many pictures the layers before From have not run on, because
	// what they make of them was kept by an earlier run.
	Cached   int    `json:"cached,omitempty"`
	Seed     uint64 `json:"seed"`
	Output   string `json:"output"`
	Pictures int    `json:"pictures"`
	passed
	Failures  []failure     `json:"failures"`
	Labels    []string      `json:"labels"`
	Rounds    int           `json:"rounds"`
	Accuracy  *float64      `json:"training_accuracy,omitempty"` // of the pictures learned from, in the last round
	Threshold float64       `json:"threshold"`
	Cross     *learn.Report `json:"cross_validation,omitempty"`
	// Of --from: what a head alone reaches in the same folds, and how near the
	// file comes to the float run.
	HeadAlone *learn.Report   `json:"head_alone,omitempty"`
	Agreement *tune.Agreement `json:"agreement,omitempty"`
	// Diverged says why learning ended before its last epoch.
	Diverged string  `json:"diverged,omitempty"`
	Seconds  float64 `json:"seconds"`
}

func (a *app) teach(fs *flag.FlagSet, args []string) (int, error) {
	var f teachFlags
	f.define(fs)
	dirs, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if err := f.check(fs, dirs); err != nil {
		return exitFatal, err
	}
	start := time.Now()
	pool, err := engine.ParsePool(f.pool)
	if err != nil {
		return exitFatal, usagef("%v", err)
	}
	if pool != engine.PoolAvg && pool != engine.PoolMax && pool != engine.PoolFlatten {
		return exitFatal, usagef("--pool %s: a model file tells classes from avg, max or flatten; choose one of them", pool)
	}
	m, err := loadModel(f.model)
	if err != nil {
		return exitFatal, err
	}
	s, err := m.setting(&embedFlags{layer: f.layer, resize: f.resize, normalize: true}, pool)
	if err != nil {
		return exitFatal, err
	}
	o, err := f.signals.options()
	if err != nil {
		return exitFatal, err
	}
	found, err := gatherLabelled(dirs[0], o)
	if err != nil {
		return exitFatal, err
	}
	out, err := a.openResult(f.out, convert.ModelKind, output.Inputs{What: "model", Paths: []string{m.path}}, output.Inputs{What: "picture", Paths: found.files})
	if err != nil {
		return exitFatal, err
	}
	defer out.discard()
	r := &taught{Model: s.Model, ModelHash: s.ModelHash, Layer: s.Layer, Pool: s.Pool, Dim: s.Dim, Head: f.learn.Kind, Seed: f.learn.Seed, Output: f.out, passed: found.passed, Failures: []failure{}}
	file, err := a.learnFrom(&f, m, s, pool, found, r)
	if err != nil {
		return exitFatal, err
	}
	if err := out.write(file); err != nil {
		return exitFatal, err
	}
	r.Seconds = time.Since(start).Seconds()
	return a.tellTaught(r, f.json)
}

// learnFrom embeds the pictures, learns and returns the model file.
func (a *app) learnFrom(f *teachFlags, m *loaded, s setting, pool engine.Pool, found *labelled, r *taught) ([]byte, error) {
	p := newProgress(a.stderr)
	defer p.clear()
	r.Failures = append(r.Failures, found.failed...)
	for _, fail := range found.failed {
		p.line("%v", fail)
	}
	var made *model.File
	var err error
	if f.tune.from != "" {
		made, err = a.tuneFrom(f, m, s, found, r, p)
	} else {
		made, err = a.teachHead(f, m, s, pool, found, r, p)
	}
	if err != nil {
		return nil, a.learnError(err)
	}
	made.Graph.Prepare = s.Prepare
	made.Graph.Name = strings.TrimSuffix(filepath.Base(f.out), filepath.Ext(f.out))
	if err := engine.Fits(made); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := model.Write(&b, made); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// teachHead learns from the vectors of the pictures.
func (a *app) teachHead(f *teachFlags, m *loaded, s setting, pool engine.Pool, found *labelled, r *taught, p *progress) (*model.File, error) {
	e := &embedder{app: a, net: m.net, takes: []take{{s.Layer, pool}}, normalize: true, resize: s.Prepare.Resize, signals: found.signals, memory: int64(f.memory), progress: p}
	c := &comparison{found: found}
	failed, err := e.run(found.files, c)
	if err != nil {
		return nil, err
	}
	r.Failures = append(r.Failures, failed...)
	d := &learn.Data{Vectors: c.data, Dim: s.Dim, Class: c.labels, Labels: c.names}
	d.Sort(c.files) // as the page does, so that both write the same file
	r.Pictures, r.Labels = d.Len(), d.Labels
	h, err := a.learnHead(f, d, r, p)
	if err != nil {
		return nil, err
	}
	return learn.Attach(m.file, h, learn.Place{Layer: s.Layer, Pool: s.Pool})
}

func (a *app) learnHead(f *teachFlags, d *learn.Data, r *taught, p *progress) (*learn.Head, error) {
	o := f.learn
	o.Progress = func(s learn.Step) {
		what, done := "learning", float64(s.Done)/float64(max(s.Total, 1))
		if s.Folds > 0 {
			what, done = fmt.Sprintf("learning part %d of %d", s.Fold, s.Folds), (float64(s.Fold-1)+done)/float64(s.Folds)
		}
		p.share(fmt.Sprintf("%s, round %d, loss %.3f, accuracy %.3f", what, s.Done, s.Loss, s.Accuracy), done)
	}
	if f.folds > 0 {
		var err error
		if r.Cross, err = learn.CrossValidate(a.ctx, d, o, f.folds); err != nil {
			return nil, err
		}
	}
	h, history, err := learn.Train(a.ctx, d, o)
	if err != nil {
		return nil, err
	}
	if r.Cross != nil {
		r.Cross.Apply(h, f.unsure)
	}
	r.Rounds, r.Threshold = history.Rounds, h.Threshold
	if n := len(history.Steps); n > 0 {
		r.Accuracy = &history.Steps[n-1].Accuracy
	}
	return h, nil
}

// learnError says of an end by a signal what other commands say.
func (a *app) learnError(err error) error {
	var l *learn.Error
	var t *tune.Error
	if a.ctx.Err() != nil && (errors.As(err, &l) && l.Code == learn.CodeStopped || errors.As(err, &t) && t.Code == tune.CodeStopped) {
		return a.interrupted()
	}
	return err
}

// tellTaught prints the summary.
func (a *app) tellTaught(r *taught, asJSON bool) (int, error) {
	status := exitOK
	if len(r.Failures) > 0 || r.Diverged != "" {
		status = exitSome
	}
	if asJSON {
		return status, json.NewEncoder(a.text()).Encode(r)
	}
	how := fmt.Sprintf("by a %s head", r.Head)
	if r.From != "" {
		how = "from layer " + printable.Text(r.From) + " on"
	}
	text := fmt.Sprintf("%d pictures of %d classes learned %s", r.Pictures, len(r.Labels), how)
	if r.Cached > 0 {
		text += fmt.Sprintf(", %d of them known by the cache,", r.Cached)
	}
	if r.Rounds > 0 {
		text += fmt.Sprintf(" in %d rounds", r.Rounds)
	}
	text += fmt.Sprintf(", %.1f s, written to %s", r.Seconds, shown(r.Output)) + r.passed.String()
	if n := len(r.Failures); n > 0 {
		text += fmt.Sprintf("; %d failed", n)
	}
	a.say("%s", text)
	if r.Cross == nil {
		return status, nil
	}
	return status, printReport(a.text(), r)
}
