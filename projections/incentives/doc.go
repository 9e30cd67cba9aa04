// Package incentives is what a partner's statement shows: an account for each rebate agreement (and each fund), and every
// event that moved its balance. What an event moves is said in one file for each aggregate.
package incentives
