package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// envPrefix begins the environment variable of every flag: --data is CHANNELLEDGER_DATA.
const envPrefix = "CHANNELLEDGER_"

// grammar is the command line: one field a subcommand.
type grammar struct {
	Serve     serveCommand     `cmd:"" help:"Serve the API on this ledger; a new folder becomes a new ledger."`
	Import    importCommand    `cmd:"" help:"Bring in what another system holds."`
	Reconcile reconcileCommand `cmd:"" help:"Take a bank's statements into the books, and match their lines."`
	Rebate    rebateCommand    `cmd:"" help:"Look into rebate agreements."`
	Close     closeCommand     `cmd:"" help:"Close a month of the books, once the checks let it."`
	Journal   journalCommand   `cmd:"" help:"Print the books' entries."`
	Balance   balanceCommand   `cmd:"" help:"Print the trial balance, or the statement of an account."`
	Conflicts conflictsCommand `cmd:"" help:"Look for conflicts without recording anything."`
	Export    exportCommand    `cmd:"" help:"Write the books, claims or accruals to a file: CSV, XLSX, hledger or beancount."`
	Events    eventsCommand    `cmd:"" help:"Print events, one JSON object a line."`
	Replay    replayCommand    `cmd:"" help:"Step through a case: everything that bears on a deal, a claim, a fund, a partner."`
	Rebuild   rebuildCommand   `cmd:"" help:"Build read models anew from the log; reads go on meanwhile."`
	Reactors  reactorsCommand  `cmd:"" help:"Say what reactors can't handle, and have it retried."`
	Status    statusCommand    `cmd:"" help:"Say how far the log, the read models and the reactors are."`
	Top       topCommand       `cmd:"" help:"Watch the pipeline, the newest events and how far everything is."`
	Copy      copyCommand      `cmd:"" help:"Copy a ledger to another store, event for event, and prove that both are equal."`
	ESDB      esdbCommand      `cmd:"" name:"esdb" help:"Look at a log on EventStoreDB."`
	Version   versionCommand   `cmd:"" help:"Print the version."`

	Data string `default:"channelledger-data" help:"Folder of the ledger; channelledger-data by default." placeholder:"DIR"`
	storeFlags
}

// parse reads a command line. Flags that it doesn't give come from the environment handed in, not from the process's own:
// a command line may come from another process.
func parse(in invocation) (*kong.Context, *grammar, error) {
	cli := &grammar{}
	exited := false
	parser, err := kong.New(cli,
		kong.Name("channelledger"),
		kong.Description("An event-sourced ledger for companies that sell through partners."),
		kong.Writers(in.stdout, in.stderr),
		kong.Exit(func(int) { exited = true }),
		kong.Resolvers(fromEnvironment(in.Env)),
		kong.ValueFormatter(helpWithVariable),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
	)
	if err != nil {
		return nil, nil, err
	}
	parsed, err := parser.Parse(in.Args)
	switch {
	case exited: // --help was printed
		return nil, nil, exitError(0)
	case err != nil:
		return nil, nil, fmt.Errorf("%w (see channelledger --help)", err)
	}
	return parsed, cli, nil
}

func variable(flag *kong.Flag) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
}

func fromEnvironment(env map[string]string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if value, ok := env[variable(flag)]; ok {
			return value, nil
		}
		return nil, nil //nolint:nilnil // kong's way to say: not here
	})
}

func helpWithVariable(value *kong.Value) string {
	if value.Flag == nil || value.Name == "help" {
		return value.Help
	}
	return value.Help + " ($" + variable(value.Flag) + ")"
}

// environment keeps the variables that are flags of ours.
func environment(environ []string) map[string]string {
	env := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && strings.HasPrefix(name, envPrefix) {
			env[name] = value
		}
	}
	return env
}
