# Everything a newcomer needs: make demo, make test. See README.md.
export GOTOOLCHAIN := go1.27.4
export GOEXPERIMENT := simd
PORT ?= 8080
# A folder that may hold model files already, tried before any download.
LIKENESS_MODELS ?= $(wildcard ../shared/models)
export LIKENESS_MODELS
# A folder of pictures that web/test/pictures.test.js reads beside its own.
LIKENESS_CASES ?= $(abspath $(wildcard ../shared/cases/pictures))
export LIKENESS_CASES

GO_SOURCES := $(shell find engine tools wasm models -name '*.go' -o -name '*.s' -o -name 'catalog.json' -o -path 'tools/home/*') go.mod go.sum
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -type f -print) tools/site/compress.js tools/site/bundle.js
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
ACTIONLINT := go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

# What keeps the wasm small: the older encoding/json, and no inlining outside
# the engine, its readers of large pictures, and WebP's decoders.
WASM_SMALL := -gcflags=all=-l -gcflags=likeness/engine/...= $(patsubst %,-gcflags=likeness/engine/%=-l,graph model \
	picture/bmp picture/gif picture/icc picture/look picture/raster picture/tiff) \
	-gcflags=golang.org/x/image/vp8= -gcflags=golang.org/x/image/vp8l=

# Quality of the compressed files in dist/: 11 takes half a minute, 5 a second.
BROTLI ?= 11

# A page that is half built is built again.
.DELETE_ON_ERROR:

.PHONY: build demo test test-go test-arm64 test-wasm test-web check test-models fuzz bench bench-browser bench-peers bench-mediapipe bench-networks bench-decode bench-throughput bench-tune bench-index bench-maps test-sites test-home test-beam signal-samples api screenshots count-arm64 release size test-fuzz test-faults soak clean

build: dist/precache.json

demo: build
	bin/likeness serve --port $(PORT) dist

# Decoders of HEIC and AVIF, programs of others: see tools/heif/README.md.
HEIF := tools/heif/programs/heic.wasm.gz
$(HEIF): go.mod tools/heif/obtain/main.go
	@echo "copying the decoders of HEIC and AVIF"
	go run ./tools/heif/obtain tools/heif/programs
	@touch $@

bin/likeness: $(GO_SOURCES) $(HEIF)
	@echo "building bin/likeness"
	@mkdir -p bin
	go build -trimpath -o $@ ./tools/likeness

WASM_BUILD := GOOS=js GOARCH=wasm GOEXPERIMENT=$(GOEXPERIMENT),nojsonv2 go build -trimpath $(WASM_SMALL)

dist/likeness.wasm: $(GO_SOURCES)
	@echo "building dist/likeness.wasm"
	@mkdir -p dist
	$(WASM_BUILD) -ldflags='-s -w' -o $@ ./wasm

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@echo "fetching sample pictures and test tools from npm"
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

dist/precache.json: bin/likeness $(wildcard models/*.safetensors) dist/likeness.wasm web/node_modules/.package-lock.json $(WEB_SOURCES)
	@echo "assembling dist/"
	go run ./tools/site -out dist
	cd web && npm run --silent types
	@echo "compressing what hosts send compressed"
	node tools/site/compress.js dist $(BROTLI)

test: build check test-go test-arm64 test-wasm test-web

check: web/node_modules/.package-lock.json $(HEIF)
	@test -z "$$(gofmt -l engine tools wasm models)" || { gofmt -l engine tools wasm models; echo "run gofmt -w on these"; exit 1; }
	go mod tidy -diff
	go vet ./engine/... ./tools/... ./models/...
	GOOS=js GOARCH=wasm go vet ./wasm ./engine/...
	GOOS=linux GOARCH=arm64 go vet ./engine/... ./tools/...
	GOOS=darwin GOARCH=arm64 go vet ./engine/... ./tools/...
	GOOS=windows GOARCH=amd64 go vet ./engine/... ./tools/...
	$(ACTIONLINT)
	$(STATICCHECK) ./engine/... ./tools/...
	cd web && npm run --silent check

test-go: $(HEIF)
	go test -tags nosimd ./engine/...
	go test ./engine/... ./tools/... ./models/...

# The kernels and all that must give the same bits everywhere as linux/arm64,
# under QEMU unless this is such a machine. Left out is what takes minutes there
# and is about speed or quality. Then the sample pictures: the same bytes as here.
QEMU_ARM64 := $(shell command -v qemu-aarch64-static || command -v qemu-aarch64)
ARM64_PACKAGES := . kernel internal/op graph model picture/... search project cluster learn vectors signal signal/samples
ARM64_SKIP := HundredThousand|Lists|MapsShowKinds|Place$$|Propose|MapsOfFew|TSNEOfFew|HDBSCANAgainstPlain
test-arm64: build
ifneq ($(filter aarch64 arm64,$(shell uname -m)),)
	@echo "this machine is arm64: test-go was this test"
else ifeq ($(QEMU_ARM64),)
	@echo "skipped: no qemu-aarch64 to run linux/arm64 (Debian: qemu-user-static)"
else
	GOARCH=arm64 GOOS=linux go test -exec=$(QEMU_ARM64) -skip='$(ARM64_SKIP)' $(ARM64_PACKAGES:%=./engine/%)
	GOARCH=arm64 GOOS=linux go test -exec=$(QEMU_ARM64) -run='OfOneEpoch|Caches|Fall|Gradients|Engine' ./engine/tune/...
	GOARCH=arm64 GOOS=linux go build -o bin/likeness.arm64 ./tools/likeness
	$(QEMU_ARM64) bin/likeness.arm64 embed --model dist/models/default.safetensors -o bin/arm64.npy dist/samples
	bin/likeness embed --model dist/models/default.safetensors -o bin/native.npy dist/samples
	cmp bin/arm64.npy bin/native.npy
endif

# Node's own environment may be larger than the wasm runtime accepts.
WASM_EXEC = "$$(go env GOROOT)/lib/wasm/go_js_wasm_exec"
SMALL_ENV = env -i PATH="$$PATH" HOME="$$HOME" GOPROXY="$$(go env GOPROXY)" GOTOOLCHAIN=$(GOTOOLCHAIN) GOEXPERIMENT=$(GOEXPERIMENT) GOOS=js GOARCH=wasm

# The last steps embed the sample pictures with the real model under Node and
# natively, evaluate them as two kinds, and want the same bytes.
test-wasm: build
	$(SMALL_ENV) go test -exec=$(WASM_EXEC) ./engine/...
	$(SMALL_ENV) go build -o bin/likeness.wasm ./tools/likeness
	$(SMALL_ENV) $(WASM_EXEC) bin/likeness.wasm embed --model dist/models/default.safetensors -o bin/node.npy dist/samples
	bin/likeness embed --model dist/models/default.safetensors -o bin/native.npy dist/samples
	cmp bin/node.npy bin/native.npy
	rm -rf bin/eval && mkdir -p bin/eval/a bin/eval/b && cp dist/samples/[a-b]*.jpg bin/eval/a && cp dist/samples/[c-z]*.jpg bin/eval/b
	$(SMALL_ENV) $(WASM_EXEC) bin/likeness.wasm eval --model dist/models/default.safetensors --json bin/eval > bin/node.json
	bin/likeness eval --model dist/models/default.safetensors --json bin/eval > bin/native.json
	cmp bin/node.json bin/native.json

test-web: build
	node tools/site/api.js dist bin/API.md && cmp bin/API.md web/API.md || { echo "make api writes web/API.md anew"; exit 1; }
	sh web/test/chromium.sh
	cd web && node --test --test-concurrency=1 test/*.test.js

# The slow part: ONNX's own node tests, eighteen published networks with seeded
# weights in onnxruntime-web, in the float reference and in the engine, and the
# bytes of the large ones in Chromium.
test-models: build tools/peers/node_modules/.package-lock.json
	sh tools/convert/onnx/nodes.sh
	LIKENESS_SLOW=1 go test -v -run 'Nodes|QualityOnPhotos' ./tools/convert/onnx
	go test -v -run Onnxruntime ./tools/export
	@mkdir -p bin/networks
	LIKENESS_SLOW=1 LIKENESS_ZOO="$(CURDIR)/bin/networks" go test -timeout 45m -v -run 'SecondOpinion|ReadTFJS|TFLite' ./tools/zoo
	cd web && LIKENESS_SLOW=1 node --test test/networks.test.js

# Sounds, time series and texts to try --as with: see engine/signal/README.md.
signal-samples:
	go run ./tools/samples bin/signal-samples

# Every fuzz target for so many minutes; FUZZ chooses some by package or name.
MINUTES ?= 5
FUZZ ?= .
fuzz: $(HEIF)
	sh tools/fuzz.sh $(MINUTES)m '$(FUZZ)'

# The same for a few seconds, two at a time.
FUZZ_SECONDS ?= 5
test-fuzz: $(HEIF)
	sh tools/fuzz.sh $(FUZZ_SECONDS)s '$(FUZZ)' 2

# What must hold when something goes wrong: tools/faults, web/test/faults.test.js.
# Root is needed for the small disk, which is skipped otherwise.
test-faults: build
	LIKENESS_FAULTS=1 LIKENESS_BIN="$(CURDIR)/bin/likeness" go test -count=1 -timeout 8m -v ./tools/faults
	sh web/test/chromium.sh
	cd web && LIKENESS_FAULTS=1 node --test test/faults.test.js

# Memory over time: COUNT pictures natively (10000), WEB_COUNT in Chromium.
COUNT ?= 10000
WEB_COUNT ?= 3000
soak: build
	LIKENESS_SOAK=1 COUNT=$(COUNT) LIKENESS_BIN="$(CURDIR)/bin/likeness" go test -count=1 -timeout 1h -v -run Soak ./tools/faults
	sh web/test/chromium.sh
	COUNT=$(WEB_COUNT) node web/test/soak.js

bench:
	go test -run '^$$' -bench . ./engine/kernel ./engine

# The kernels in headless Chromium, on the layers of real networks.
bench-browser: web/node_modules/.package-lock.json
	sh web/test/chromium.sh
	@mkdir -p bin
	GOOS=js GOARCH=wasm go test -c -o bin/kernel.wasm ./engine/kernel
	node web/test/go-program.js bin/kernel.wasm -test.run '^$$' -test.bench . -test.benchtime 0.2s

tools/peers/node_modules/.package-lock.json: tools/peers/package.json tools/peers/package-lock.json
	@echo "fetching the other engines from npm"
	cd tools/peers && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Networks with seeded weights, about 2 GB: the files of all engines at once.
NETWORKS ?= mobilenet_v2 resnet50 inception_v3 vgg16 vgg16_features
PEERS := bin/networks
$(PEERS)/%.onnx: $(wildcard tools/zoo/*.go tools/zoo/makeonnx/*.go)
	@echo "making the network $*"
	go run ./tools/zoo/makeonnx -o $(PEERS) -precision both -format both $*

$(PEERS)/%.safetensors: $(PEERS)/%.onnx $(wildcard tools/convert/*.go tools/convert/*/*.go engine/graph/*.go) | bin/likeness
	bin/likeness convert $< -o $@ --preset torch

# Other engines beside ours in one browser: NETWORKS, and BROWSER, PARTS and
# SECONDS as in tools/peers/bench.js.
.SECONDARY: $(NETWORKS:%=$(PEERS)/%.onnx)
bench-peers: build tools/peers/node_modules/.package-lock.json $(NETWORKS:%=$(PEERS)/%.safetensors)
	NETWORKS="$(NETWORKS)" node tools/peers/bench.js

# MediaPipe's ImageEmbedder beside ours, on the uint8 TFLite file of MobileNetV2 in
# the folder LIKENESS_MODELS.
bench-mediapipe: build tools/peers/node_modules/.package-lock.json
	@test -f "$(LIKENESS_MODELS)/mobilenet_v2_1.0_224_quant.tflite" || { echo "LIKENESS_MODELS must name a folder with mobilenet_v2_1.0_224_quant.tflite" >&2; exit 1; }
	@mkdir -p $(PEERS)
	cp "$(LIKENESS_MODELS)/mobilenet_v2_1.0_224_quant.tflite" $(PEERS)/mobilenet_v2_quant.tflite
	bin/likeness convert $(PEERS)/mobilenet_v2_quant.tflite -o $(PEERS)/mobilenet_v2_quant.safetensors
	NETWORKS=mobilenet_v2_quant node tools/peers/bench.js

# The pipeline of Apache Beam, a module of its own, on Beam's Prism runner.
test-beam: $(HEIF)
	cd tools/beam && go vet . && go test .

# The recipes of web/SITES.md, each tried: Eleventy and Astro, and Hugo where it is
# installed.
tools/sites/node_modules/.package-lock.json: tools/sites/package.json tools/sites/package-lock.json
	cd tools/sites && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
test-sites: build tools/sites/node_modules/.package-lock.json
	sh web/test/chromium.sh
	node tools/sites/try.js

# What is taken home from the page, and its script run with scikit-learn, which is
# installed where that can be done; without it that part is skipped.
test-home: build
	sh web/test/chromium.sh
	sh web/test/python.sh
	cd web && LIKENESS_HOME=1 node --test test/home.test.js

# Maps by ours and by three others in one Chromium: make bench-maps VECTORS=FILE.npy,
# by default of the sample collection.
tools/peers/maps/node_modules/.package-lock.json: tools/peers/maps/package.json tools/peers/maps/package-lock.json
	cd tools/peers/maps && npm ci --legacy-peer-deps --no-audit --no-fund --loglevel=error
	@touch $@
bench-maps: build tools/peers/maps/node_modules/.package-lock.json
	sh web/test/chromium.sh
	node tools/peers/maps/bench.js "$(VECTORS)"

# The table of networks in README: parameters, bytes and cosine of the quantised
# features, then milliseconds natively, one core, and in the browser.
ZOO := alexnet_lrn convnext_tiny densenet121 efficientnet_b0 googlenet inception_v3 lraspp_mobilenet_v3_large \
	mobilefacenet mobilenet_v1 mobilenet_v2 mobilenet_v3_large osnet_x0_25 regnet_y_400mf resnet18 resnet50 \
	shufflenet_v2_x1_0 squeezenet1_1 vgg16
bench-networks: build tools/peers/node_modules/.package-lock.json
	sh web/test/chromium.sh
	@mkdir -p $(PEERS)
	LIKENESS_SLOW=1 LIKENESS_ZOO="$(CURDIR)/$(PEERS)" go test -count=1 -timeout 45m -v -run SecondOpinion ./tools/zoo
	@for n in $(ZOO); do GOMAXPROCS=1 bin/likeness bench --model $(PEERS)/$$n.safetensors; done
	NETWORKS="$(ZOO)" ENGINE=likeness PARTS=speed SECONDS=5 node tools/peers/bench.js

# Twelve-megapixel JPEGs to a network's input, beside image/jpeg and Pillow.
bench-decode: build
	go run ./tools/peers/decode

# JPEGs through extractAll, decoded by the engine and by the browser, beside
# what other libraries do: see web/test/throughput.js for COUNT, SMALL, ROUNDS,
# WORKERS and BROWSER.
bench-throughput: build
	node web/test/throughput.js

# Fine-tuning in a browser, of PHOTOS, a folder with a subfolder for each class: see
# web/test/tune-speed.js for FROM, EPOCHS, VIEWS, BROWSER and WORKERS.
bench-tune: build
	node web/test/tune-speed.js

# Instructions of the arm64 kernels, counted under QEMU: engine/kernel/README.md.
count-arm64:
	sh tools/instructions/count.sh

# web/API.md from the library's types, and the pictures in README from the page.
api: build
	node tools/site/api.js dist web/API.md

screenshots: build
	node web/test/screenshots.js

# An index of COUNT vectors: of parts of the pictures in PICTURES, or drawn about
# random centres without.
PICTURES ?=
bench-index: COUNT = 1000000
bench-index:
	go run ./tools/peers/index -pictures "$(PICTURES)" -count $(COUNT) -o bin/index

# What the wasm consists of, bytes over the wire, and what a first visit takes.
size: build
	@$(WASM_BUILD) -o bin/names.wasm ./wasm
	@go run ./tools/wasmsize bin/names.wasm
	@wc -c < dist/likeness.wasm.br | sed 's/$$/ bytes of wasm/'
	@find dist -name '*.js' -exec cat {} + | brotli -q 11 --lgwin=24 -c | wc -c | sed 's/$$/ bytes of JavaScript/'
	node web/test/first-visit.js

# What is published: the program for six platforms and the page. Two runs give
# the same bytes.
release: build
	go run ./tools/release -out bin/release

clean:
	rm -rf bin dist models/*.safetensors.tmp tools/heif/programs/*.gz web/node_modules tools/peers/node_modules
