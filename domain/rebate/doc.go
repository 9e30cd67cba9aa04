// Package rebate is what one partner earns under one scheme in one period: sales, what accrued with each of them, the close,
// the approval, and what was corrected, paid and taken back after it (domain.md section 6). SPIFFs, which the partner's
// sellers earn, stand beside.
package rebate
