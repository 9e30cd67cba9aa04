package payment

import "encoding/xml"

// The part of pain.001.001.09 that is written, in the order of its schema.

type document struct {
	XMLName    xml.Name   `xml:"Document"`
	Namespace  string     `xml:"xmlns,attr"`
	Initiation initiation `xml:"CstmrCdtTrfInitn"`
}

type initiation struct {
	Header  header      `xml:"GrpHdr"`
	Payment instruction `xml:"PmtInf"`
}

type header struct {
	MessageID string `xml:"MsgId"`
	CreatedAt string `xml:"CreDtTm"`
	Count     int    `xml:"NbOfTxs"`
	Sum       string `xml:"CtrlSum"`
	Initiator party  `xml:"InitgPty"`
}

type instruction struct {
	ID            string       `xml:"PmtInfId"`
	Method        string       `xml:"PmtMtd"`
	BatchBooking  bool         `xml:"BtchBookg"`
	Count         int          `xml:"NbOfTxs"`
	Sum           string       `xml:"CtrlSum"`
	Type          *paymentType `xml:"PmtTpInf"`
	ExecutionOn   string       `xml:"ReqdExctnDt>Dt"`
	Debtor        party        `xml:"Dbtr"`
	DebtorAccount account      `xml:"DbtrAcct"`
	DebtorBank    bank         `xml:"DbtrAgt"`
	Charges       string       `xml:"ChrgBr"`
	Transfers     []transfer   `xml:"CdtTrfTxInf"`
}

type paymentType struct {
	ServiceLevel string `xml:"SvcLvl>Cd"`
}

type transfer struct {
	ID              paymentID  `xml:"PmtId"`
	Amount          amount     `xml:"Amt"`
	CreditorBank    *bank      `xml:"CdtrAgt"`
	Creditor        party      `xml:"Cdtr"`
	CreditorAccount account    `xml:"CdtrAcct"`
	Remittance      remittance `xml:"RmtInf"`
}

type paymentID struct {
	EndToEnd string `xml:"EndToEndId"`
}

type amount struct {
	Instructed instructed `xml:"InstdAmt"`
}

type instructed struct {
	Currency string `xml:"Ccy,attr"`
	Value    string `xml:",chardata"`
}

type party struct {
	Name string `xml:"Nm"`
}

type account struct {
	ID accountID `xml:"Id"`
}

type accountID struct {
	IBAN  string `xml:"IBAN,omitempty"`
	Other *other `xml:"Othr"`
}

type bank struct {
	Institution institution `xml:"FinInstnId"`
}

type institution struct {
	BIC   string `xml:"BICFI,omitempty"`
	Other *other `xml:"Othr"`
}

type other struct {
	ID string `xml:"Id"`
}

type remittance struct {
	Text string `xml:"Ustrd"`
}
