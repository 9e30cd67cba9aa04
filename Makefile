# What a developer does here, one word each. `make help` lists them.
GO             ?= go
GOLANGCI       ?= $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.11.4
PACKAGES       ?= ./...
BENCH_EVENTS   ?= 1000000
export CGO_ENABLED = 0
export ESDB_URL

.DEFAULT_GOAL := help

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## serve the demo on http://127.0.0.1:8080
	$(GO) run ./cmd/channelledger serve --demo

.PHONY: test
test: ## run every test
	$(GO) test $(PACKAGES)

.PHONY: test-esdb
test-esdb: ## run conformance, end-to-end and import tests on a real EventStoreDB: ESDB_URL=esdb://…
	@test -n "$$ESDB_URL" || { echo "want ESDB_URL=esdb://user:password@host:2113"; exit 2; }
	$(GO) test -count=1 -v -run TestRealServer ./eventstore/esdb
	$(GO) test -count=1 -v -timeout 60m -run 'TestEveryStoreTellsTheSame|TestALedgerIsCopiedThereAndBack|TestARealExportGoesIntoARealServer' ./cmd/channelledger

.PHONY: race
race: ## run every test under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short -gcflags='modernc.org/...=-race=false' $(PACKAGES) # SQLite in Go: a third of the time

.PHONY: check
check: ## format, vet, lint
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not gofmt'd:"; echo "$$unformatted"; exit 1; }
	$(GO) vet $(PACKAGES)
	$(GOLANGCI) run $(PACKAGES)
	GOLANGCI="$(GOLANGCI)" .ci/arrows

.PHONY: bench
bench: ## measure speed, each number beside its limit (minutes)
	BENCH_EVENTS=$(BENCH_EVENTS) $(GO) test -p 1 -run '^$$' -bench . -benchtime 2s -timeout 60m $(PACKAGES)

.PHONY: docs
docs: ## generate the reference in docs/ from the code
	$(GO) generate $(PACKAGES)

.PHONY: clean-tree
clean-tree: docs ## fail when generation changes the tree
	@test -z "$$(git status --porcelain)" || { echo "generation changed the tree:"; git status --porcelain; git diff | head -100; exit 1; }
