package export_test

import (
	"context"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	domainmdf "github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/export"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/mdf"
	"github.com/channelledger/channelledger/projections/rebates"
)

// records are a CSV file's rows, by the names of their columns.
func records(t *testing.T, file *export.File) (all []map[string]string) {
	t.Helper()
	reader := csv.NewReader(strings.NewReader(content(t, file)))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		record := map[string]string{}
		for i, name := range rows[0] {
			record[name] = row[i]
		}
		all = append(all, record)
	}
	require.Len(t, all, int(file.Rows))
	return all
}

// asked makes a file of one state of a read model.
func asked(t *testing.T, reader projections.Reader, write func(context.Context, projections.Querier) (*export.File, error)) []map[string]string {
	t.Helper()
	file, err := histories.Try(t, reader, func(q projections.Querier) (*export.File, error) { return write(t.Context(), q) })
	return records(t, made(t, file, err))
}

func add(t *testing.T, sums map[string]domain.Totals, name, amount, currency string) {
	t.Helper()
	totals := sums[name]
	require.NoError(t, totals.Add(money(amount, currency)))
	sums[name] = totals
}

// TestAccrualsAreTheBalancesOfTheirAccounts, by fund and by partner.
func TestAccrualsAreTheBalancesOfTheirAccounts(t *testing.T) {
	t.Parallel()
	h := histories.New(3).RunBooks(400).RunRebates(100)
	sums := map[string]domain.Totals{}
	for _, r := range append(
		asked(t, h.View(t, mdf.Projection(), projections.Bounds{}), func(ctx context.Context, q projections.Querier) (*export.File, error) {
			return export.Write(export.CSV, about, export.AccrualTable(), export.MDFAccruals(ctx, q, mdf.RequestQuery{}))
		}),
		asked(t, h.View(t, rebates.Projection(), projections.Bounds{}), func(ctx context.Context, q projections.Querier) (*export.File, error) {
			return export.Write(export.CSV, about, export.AccrualTable(), export.RebateAccruals(ctx, q, rebates.Query{}))
		})...,
	) {
		party := "partner:" + r["partner_id"]
		if r["fund_id"] != "" {
			party = "fund:" + r["fund_id"]
		}
		add(t, sums, r["account"]+" "+party, r["accrued"], r["currency"])
	}
	booked := map[string]domain.Totals{}
	for _, b := range trial(t, h.View(t, journal.Projection(nil), projections.Bounds{}), export.Books{By: journal.ByPosted}) {
		if strings.HasSuffix(b.Account.Name, "_accrued") && b.Closing.Sign() != 0 {
			add(t, booked, b.Account.Name+" "+b.Account.Party, b.Closing.Neg().Decimal(), b.Closing.Currency())
		}
	}
	require.Greater(t, len(booked), 2)
	require.Equal(t, booked, sums)
}

func TestAnAccountsStatementAddsUp(t *testing.T) {
	t.Parallel()
	h := histories.New(5).RunBooks(300).RunRebates(300)
	reader := h.View(t, journal.Projection(nil), projections.Bounds{})
	query := journal.StatementQuery{Account: journal.Account{Name: journal.ContraRevenueRebate}}
	query.Limit = 7 // several pages
	query.Days.From = domain.DateOf(h.Events[len(h.Events)/4].Envelope.EffectiveAt, h.Now.Location())
	rows := asked(t, reader, func(ctx context.Context, q projections.Querier) (*export.File, error) {
		return export.Write(export.CSV, about, export.StatementTable(), export.Statement(ctx, q, query))
	})
	require.Greater(t, len(rows), 3*query.Limit)
	running := map[string]domain.Totals{}
	for i, r := range rows {
		switch {
		case r["type"] == "opening":
			require.Zero(t, i)
			add(t, running, "", r["balance"], r["currency"])
		case r["type"] != "closing" && r["debit"] != "":
			add(t, running, "", r["debit"], r["currency"])
		case r["type"] != "closing":
			add(t, running, "", "-"+r["credit"], r["currency"])
		default:
			require.Equal(t, len(rows)-1, i)
		}
		require.Equal(t, running[""].In(r["currency"]).Decimal(), r["balance"], "row %d", i)
	}
	query.Account.Party = "fund:" + uuid.Nil.String()
	require.Empty(t, asked(t, reader, func(ctx context.Context, q projections.Querier) (*export.File, error) {
		return export.Write(export.CSV, about, export.StatementTable(), export.Statement(ctx, q, query))
	}), "of nobody")
}

func TestATrialBalanceIsZero(t *testing.T) {
	t.Parallel()
	reader := histories.New(8).RunBooks(200).View(t, journal.Projection(nil), projections.Bounds{})
	balances := trial(t, reader, export.Books{By: journal.ByEffective})
	file, err := export.Write(export.CSV, about, export.TrialTable(), these(balances...))
	sums := map[string]domain.Totals{}
	for _, r := range records(t, made(t, file, err)) {
		add(t, sums, r["book"], r["closing"], r["currency"])
	}
	require.Len(t, sums, 2)
	for book, totals := range sums {
		for _, sum := range totals {
			require.Zero(t, sum.Minor(), "%s %s", book, sum)
		}
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	reader := histories.New(10).RunBooks(1000).View(t, mdf.Projection(), projections.Bounds{})
	file := func(query mdf.ClaimQuery) []map[string]string {
		return asked(t, reader, func(ctx context.Context, q projections.Querier) (*export.File, error) {
			return export.Write(export.CSV, about, export.ClaimTable(), export.Claims(ctx, q, query))
		})
	}
	all, approved := file(mdf.ClaimQuery{Request: listing.Request{Limit: 3}}), 0 // several pages
	require.Len(t, file(mdf.ClaimQuery{}), len(all))
	for _, r := range all {
		if r["approved"] != "" {
			approved++
		}
		claim := histories.Ask(t, reader, func(q projections.Querier) (*domainmdf.Claim, error) {
			return mdf.GetClaim(t.Context(), q, uuid.MustParse(r["claim_id"]))
		})
		require.Equal(t, claim.Gross.Decimal(), r["gross"])
		require.Equal(t, claim.Owed().Decimal(), r["owed"])
		require.Equal(t, claim.Status == domainmdf.ClaimIsApproved || claim.Status == domainmdf.ClaimIsPaid, r["approved"] != "", r["status"])
	}
	require.NotZero(t, approved)
	require.Greater(t, len(all), approved)
}

// TestAccrualsAreOfOneMoment: where one read model is behind the other, both are asked as of the one that is behind.
func TestAccrualsAreOfOneMoment(t *testing.T) {
	t.Parallel()
	h := histories.New(11).RunBooks(100).RunRebates(60)
	whole := h.View(t, rebates.Projection(), projections.Bounds{})
	behind := projections.Bounds{KnownPosition: eventstore.Position{Origin: h.Log.Origin(), Commit: 90, Prepare: 90}}
	var asked []string
	models := export.Models{
		Reader: func(name string) (projections.Reader, error) {
			if name == rebates.Name {
				return whole, nil
			}
			return h.View(t, mdf.Projection(), behind), nil
		},
		Open: func(_ context.Context, def projections.Definition, bounds projections.Bounds) (*projections.Scratch, error) {
			require.LessOrEqual(t, bounds.KnownPosition.Compare(behind.KnownPosition), 0)
			asked = append(asked, bounds.KnownPosition.String())
			return &projections.Scratch{Reader: h.View(t, def, bounds), Watermark: bounds.KnownPosition, Close: func() {}}, nil
		},
	}
	file, err := export.Request{What: export.OfAccruals, Format: export.CSV}.Make(t.Context(), models)
	at := made(t, file, err).Position
	require.Equal(t, []string{at, at}, asked)
}

func TestWhatCannotBeExported(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]export.Request{
		"what: want one of":               {What: "deals", Format: export.CSV},
		"format: hledger is no format of": {What: export.OfClaims, Format: export.Hledger},
		"account: want the account":       {What: export.OfStatement, Format: export.CSV},
	} {
		_, err := r.Make(t.Context(), export.Models{})
		require.ErrorContains(t, err, want)
	}
}
