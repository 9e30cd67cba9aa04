package account

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain/policy"
)

// The textbook's values: Winkler 1990, table of name pairs, cut to four decimals.
func TestJaroWinklerVectors(t *testing.T) {
	for pair, want := range map[[2]string]int{
		{"martha", "marhta"}: 9611, {"dwayne", "duane"}: 8400, {"dixon", "dicksonx"}: 8133,
		{"shackleford", "shackelford"}: 9818, {"dunningham", "cunnigham"}: 8962, {"nichleson", "nichulson"}: 9555,
		{"jones", "johnson"}: 8323, {"massey", "massie"}: 9333, {"abroms", "abrams"}: 9222, {"jeraldine", "geraldine"}: 9259,
		{"michelle", "michael"}: 9214, {"julies", "julius"}: 9333, {"tanya", "tonya"}: 8800,
		{"", ""}: 10_000, {"", "a"}: 0, {"a", "b"}: 0, {"a", "a"}: 10_000, {"ab", "ba"}: 0,
	} {
		assert.Equal(t, want, jaroWinkler([]rune(pair[0]), []rune(pair[1])), pair)
	}
}

func TestJaroWinklerIsSymmetricAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.RuneFrom([]rune("abcdeä")), 0, 40)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		score := jaroWinkler(a, b)
		require.Equal(t, score, jaroWinkler(b, a))
		require.GreaterOrEqual(t, score, 0)
		require.LessOrEqual(t, score, exactly)
		require.Equal(t, slices.Equal(a, b), score == exactly)
	})
}

func TestLookalike(t *testing.T) {
	for name, want := range map[string]string{
		"MUELLER Maschinenbau GmbH": "mullermaschinenbau", "Müller Maschinenbau": "mullermaschinenbau",
		"ООО «Северный Лес»": "severnyiles", "Ελληνικά Πετρέλαια ΑΕ": "ellinikapetrelaia", "The Bank of Kent plc": "bankkent",
		"St. Mary's": "saintmarys", "株式会社山田製作所": "山田製作所", "GmbH": "gmbh", "The": "the", "!!!": "",
	} {
		assert.Equal(t, want, lookalike(name), name)
	}
	assert.Zero(t, nameScore(lookalike("Studio 54 Films"), lookalike("Studio 45 Films")), "other numbers, other names")
}

// pair is a line of the labelled list.
type pair struct {
	left, right Profile
	kind        string
	same        bool
	score       int
}

func labelled(t *testing.T) (pairs []pair) {
	t.Helper()
	file, err := os.Open("testdata/name_pairs.csv")
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		p := pair{
			left: Customer{Name: row[0], Country: row[2]}.Profile(), right: Customer{Name: row[1], Country: row[2]}.Profile(),
			same: row[3] == "yes", kind: row[4],
		}
		p.score = nameScore(p.left.Lookalike, p.right.Lookalike)
		pairs = append(pairs, p)
	}
	return pairs
}

// TestSimilarityOnTheLabelledList prints precision and recall at the default threshold and its neighbours, and holds them
// to a floor. docs/explanation/name-similarity.md tells why the threshold is where it is.
func TestSimilarityOnTheLabelledList(t *testing.T) {
	pairs := labelled(t)
	require.Len(t, pairs, 200)
	explained, err := os.ReadFile("../../docs/explanation/name-similarity.md")
	require.NoError(t, err)
	threshold := policy.DefaultConflict().Threshold()
	for at := threshold - 400; at <= threshold+400; at += 100 {
		precision, recall := quality(pairs, at)
		row := fmt.Sprintf("| %s | %d.%d %% | %d.%d %% |", scoreText(at), precision/10, precision%10, recall/10, recall%10)
		t.Log("from, precision, recall: ", row)
		assert.Contains(t, string(explained), row, "what the explanation says")
	}
	for _, row := range byKind(pairs, threshold) {
		t.Log("kind, similar: ", row)
		assert.Contains(t, string(explained), row, "what the explanation says")
	}
	precision, recall := quality(pairs, threshold)
	assert.GreaterOrEqual(t, precision, 650, "in thousandths")
	assert.GreaterOrEqual(t, recall, 750, "in thousandths")
}

// quality is precision and recall in thousandths.
func quality(pairs []pair, threshold int) (precision, recall int) {
	found, right, same := 0, 0, 0
	for _, p := range pairs {
		if p.same {
			same++
		}
		if p.score >= threshold {
			found++
			if p.same {
				right++
			}
		}
	}
	return 1000 * right / max(found, 1), 1000 * right / same
}

func byKind(pairs []pair, threshold int) (rows []string) {
	kinds, found := map[string]int{}, map[string]int{}
	for _, p := range pairs {
		kinds[p.kind]++
		if p.score >= threshold {
			found[p.kind]++
		}
	}
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), cmp.Compare) {
		rows = append(rows, fmt.Sprintf("| %s | %d of %d |", kind, found[kind], kinds[kind]))
	}
	return rows
}

// A pair that is similar must share a key, or no index would ever bring the two together.
func TestKeysLoseNoSimilarPair(t *testing.T) {
	for _, p := range labelled(t) {
		if p.score >= policy.DefaultConflict().Threshold() {
			shares := slices.ContainsFunc(p.left.Keys(), func(key string) bool { return slices.Contains(p.right.Keys(), key) })
			assert.True(t, shares, "%s and %s", p.left.Name, p.right.Name)
		}
	}
}
