//! Numbers of payment cards. One in ten numbers of orders and parcels passes a card's checksum and is grouped alike, so the
//! text, or a form that nothing else has, must say that it is one.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

pattern!(NUMBER, r"(?-u:\b)(?:(?:[0-9]{4}[ -]){3}[0-9]{4}|(?:[0-9][ -]?){12,18}[0-9])(?-u:\b)");
pattern!(
    PAYMENT,
    r"(?ix)\b(?:cards?\b|card[_ ]?n|credit|debit|visa\b|master\ ?card|amex\b|american\ express|maestro|unionpay|diners|jcb\b|pan\b|cvv|cvc|cc\b)
    | creditcard | kreditkart | bankkart | girokart | \bkarten? | \bcarte\b | \bcarta\b | tarjeta | cart[ãa]o\b | \bkaart | \bkart[aęyąıi]? | карт[аеуыо] | kredi | kort(?:et)?\b
    | 卡 | カード | 카드 | بطاقة | कार्ड | כרטיס | บัตร | thẻ
    | \bpa(?:y|id|ying|yments?)\b | \bcharge[ds]?\b | billing | bezahl | zahlung | \bpag(?:ar|o|a|amento|os)\b | paiement | \bpayer | betaal | betal | płac | płat | оплат | плат[иёе]
    | 支付 | 付款 | 支払 | 결제 | دفع | भुगतान"
);
pattern!(
    /// What other long numbers are called; cards that pay for nothing among them.
    OTHER,
    r"(?ix)order | track | invoice | serial | imei | iccid | parcel | shipment | booking | ticket | \bref | \bcase\b | customer | member | account | policy | licen[cs]e | meter | isbn | \bean\b | gtin
    | bestell | auftrag | rechnung | sendung | kunden | vertrag | serien | zähler | mitglied | commande | facture | colis | client | série | pedido | factura | fatura | envío | envio | \bserie
    | ordine | fattura | factuur | zamówieni | faktur | przesył | заказ | накладн | сч[её]т | посылк | sipariş | kargo
    | 订单 | 訂單 | 快递 | 单号 | 注文 | 追跡 | 주문 | 송장 | طلب | ऑर्डर
    | (?:library|sim|loyalty|membership|id|health|insurance|gift|bonus|customer|student|bibliotheks?|kunden|mitglieds|versicherten)[\ -]?(?:cards?|karten?)(?:nummer)?"
);
pattern!(EXPIRY, r"(?i)^\W{0,4}(?:exp|valid|gültig|val\.|cv[vc]|(?:0[1-9]|1[0-2])\s?/\s?(?:20)?[2-4]\d\b)");
pattern!(
    /// As cards show their numbers: sixteen digits in fours, or fifteen of American Express.
    FORM,
    r"^(?:\d{4}([ -])\d{4}[ -]\d{4}[ -]\d{4}|3[47]\d\d[ -]\d{6}[ -]\d{5})$"
);
pattern!(AMERICAN_EXPRESS, r"^3[47]\d\d[ -]\d{6}[ -]\d{5}$");

/// Bytes around a number that may say what it is.
const AROUND: usize = 60;

/// Bytes of the card numbers of a text.
pub fn cards(text: &str) -> impl Iterator<Item = Range<usize>> {
    NUMBER.find_iter(text).filter(|found| passes(found.as_str()) && is_told(text, found.range())).map(|found| found.range())
}

/// Whether the text or the form says that a number is a card's.
fn is_told(text: &str, at: Range<usize>) -> bool {
    let before = &text[text.floor_char_boundary(at.start.saturating_sub(AROUND))..at.start];
    let after = &text[at.end..text.ceil_char_boundary((at.end + AROUND).min(text.len()))];
    let number = &text[at];
    let last = |pattern: &Regex| pattern.find_iter(before).last().map(|found| found.end());
    let (payment, other) = (last(&PAYMENT), last(&OTHER));
    if EXPIRY.is_match(after) {
        return true;
    }
    // The nearer name counts.
    if other.is_some() && other >= payment {
        return false;
    }
    let alone = || text.trim_matches(|c: char| !c.is_ascii_digit()) == number && !text.contains(char::is_alphabetic);
    payment.is_some() || PAYMENT.is_match(after) || AMERICAN_EXPRESS.is_match(number) || FORM.is_match(number) && alone()
}

/// Luhn, for the lengths and first digits that cards have.
fn passes(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let doubled = |(at, digit): (usize, &u32)| match (at % 2, *digit) {
        (1, digit @ 5..) => digit * 2 - 9,
        (1, digit) => digit * 2,
        (_, digit) => digit,
    };
    matches!(digits.len(), 13..=19) && matches!(digits[0], 2..=6) && digits.iter().rev().enumerate().map(doubled).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_card_where_the_text_or_its_form_says_so() {
        for text in [
            "card 4111 1111 1111 1111",
            "my Visa: 4111-1111-1111-1111",
            "pay 4111111111111111 by Friday",
            "Kreditkarte 5555 5555 5555 4444, gültig bis 12/27",
            "carte bancaire 4111 1111 1111 1111",
            "номер карты 4111 1111 1111 1111",
            "信用卡号4111 1111 1111 1111",
            "カード番号は 4111 1111 1111 1111",
            "카드 4111 1111 1111 1111",
            "tarjeta 4111 1111 1111 1111",
            "4111 1111 1111 1111 09/28",
            "CVV is on the back of 4111 1111 1111 1111",
            "3782 822463 10005",
            "4111 1111 1111 1111",
            "card_number=4111111111111111",
            "charge order 77 to Mastercard 5555555555554444",
            "4111 1111 1111 1111 is my credit card",
        ] {
            assert_eq!(cards(text).count(), 1, "{text}");
        }
    }

    #[test]
    fn other_numbers_are_none_whatever_their_checksum() {
        for text in [
            "Order number 4503 2291 8811 0042 arrives Friday",
            "Order number 4503 2291 8811 0042, paid by card",
            "Tracking 4111 1111 1111 1111",
            "Bestellnummer 4111 1111 1111 1111 bei Otto",
            "numéro de commande 4111 1111 1111 1111",
            "заказ 4111 1111 1111 1111 приедет в пятницу",
            "订单号 4111 1111 1111 1111",
            "IMEI 490154203237518",
            "library card 4111 1111 1111 1111",
            "The meter read 4111111111111111 in May",
            "the sensor said 4111 1111 1111 1111 twice",
            "4111111111111111",
        ] {
            assert_eq!(cards(text).count(), 0, "{text}");
        }
    }
}
