//! What a month's use costs, in whole millionths: summed as integers, by the price of each day, and rounded once.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DayUse, Month};
use crate::plans::{Catalog, Meter, Plan};

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// `plan`, or a meter.
    pub what: String,
    /// Used in the month.
    pub quantity: i64,
    /// Of these the plan includes so many.
    pub included: i64,
    /// What the rest costs: millionths of the currency.
    pub amount_micros: i64,
    /// Millionths for `per` units; null for what has no price, or had more than one in the month.
    pub price_micros: Option<i64>,
    pub per: Option<i64>,
}

/// What was used in a month and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Statement {
    /// `2026-11`
    pub month: String,
    pub plan: String,
    pub currency: String,
    /// Version of the file of prices.
    pub prices: u32,
    pub lines: Vec<Line>,
    pub total_micros: i64,
    /// The same in hundredths, rounded to the nearest, halves away from zero.
    pub total_cents: i64,
}

impl Statement {
    /// Of a month on a plan.
    #[must_use]
    pub fn of(catalog: &Catalog, plan: &Plan, month: Month, uses: &[DayUse]) -> Self {
        let mut lines = vec![Line {
            what: "plan".into(),
            quantity: 1,
            included: 0,
            amount_micros: plan.price_per_month,
            price_micros: Some(plan.price_per_month),
            per: Some(1),
        }];
        for meter in Meter::ALL {
            let mut by_day: BTreeMap<NaiveDate, i64> = BTreeMap::new();
            for used in uses.iter().filter(|used| used.meter == meter) {
                *by_day.entry(used.day).or_default() += used.quantity;
            }
            lines.extend(line(catalog, plan, meter, &by_day));
        }
        let total_micros: i64 = lines.iter().map(|line| line.amount_micros).sum();
        Self {
            month: month.to_string(),
            plan: plan.id.clone(),
            currency: catalog.currency.clone(),
            prices: catalog.version,
            lines,
            total_micros,
            total_cents: (total_micros + total_micros.signum() * 5_000) / 10_000,
        }
    }

    /// What was used beyond the plan, in millionths.
    #[must_use]
    pub fn beyond_plan(&self) -> i64 {
        self.lines.iter().filter(|line| line.what != "plan").map(|line| line.amount_micros).sum()
    }

    /// The lines as CSV (RFC 4180), with a head and the total.
    #[must_use]
    pub fn csv(&self) -> String {
        let Self { month, plan, currency, total_micros, .. } = self;
        let cell = |number: Option<i64>| number.map(|n| n.to_string()).unwrap_or_default();
        let line = |line: &Line| {
            let Line { what, quantity, included, amount_micros, price_micros, per } = line;
            let (price, per) = (cell(*price_micros), cell(*per));
            format!("{month},{plan},{what},{quantity},{included},{price},{per},{amount_micros},{currency}\r\n")
        };
        let head = "month,plan,what,quantity,included,price_micros,per,amount_micros,currency\r\n";
        let lines: String = self.lines.iter().map(line).collect();
        format!("{head}{lines}{month},{plan},total,,,,,{total_micros},{currency}\r\n")
    }
}

/// The line of a meter; none where nothing was used.
fn line(catalog: &Catalog, plan: &Plan, meter: Meter, by_day: &BTreeMap<NaiveDate, i64>) -> Option<Line> {
    let quantity: i64 = by_day.values().sum();
    let mut included = plan.included.get(&meter).copied().unwrap_or_default().min(quantity);
    let mut line = Line { what: meter.as_str().into(), quantity, included, amount_micros: 0, price_micros: None, per: None };
    // Billed units by the price of their day; what is included goes first.
    let mut by_price: BTreeMap<(i64, i64), i128> = BTreeMap::new();
    for (day, used) in by_day {
        let free = included.min(*used);
        included -= free;
        if let Some(price) = catalog.price(meter, *day) {
            *by_price.entry((price.micros, price.per)).or_default() += i128::from(used - free);
        }
    }
    let amount: i128 = by_price.iter().map(|((micros, per), units)| units * i128::from(*micros) / i128::from(*per)).sum();
    line.amount_micros = i64::try_from(amount).unwrap_or(i64::MAX);
    if let (Some(((micros, per), _)), 1) = (by_price.first_key_value(), by_price.len()) {
        (line.price_micros, line.per) = (Some(*micros), Some(*per));
    }
    (quantity > 0).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(day: &str, quantity: i64) -> DayUse {
        DayUse { day: day.parse().expect("a day"), meter: Meter::LlmTokens, app: "a".into(), key: None, model: String::new(), quantity }
    }

    fn catalog(prices: &str) -> Catalog {
        #[derive(serde::Deserialize)]
        struct Prices {
            prices: Vec<crate::plans::Price>,
        }
        let mut catalog = Catalog::load(None).expect("plans");
        catalog.prices = toml::from_str::<Prices>(prices).expect("prices").prices;
        catalog
    }

    #[test]
    fn what_is_included_goes_first_and_each_day_has_its_price() {
        let catalog = catalog(
            "[[prices]]\nmeter = \"llm_tokens\"\nfrom = \"2026-01-01\"\nmicros = 3\nper = 2\n\
             [[prices]]\nmeter = \"llm_tokens\"\nfrom = \"2026-11-10\"\nmicros = 5\nper = 1\n",
        );
        let mut plan = catalog.plan("team").expect("a plan").clone();
        plan.included = BTreeMap::from([(Meter::LlmTokens, 10)]);
        let uses = [used("2026-11-01", 8), used("2026-11-05", 7), used("2026-11-10", 4)];
        let month = "2026-11".parse().expect("a month");
        let statement = Statement::of(&catalog, &plan, month, &uses);
        // Five at 3/2 and four at 5.
        assert_eq!(statement.beyond_plan(), 7 + 20);
        assert_eq!(statement.total_micros, plan.price_per_month + 27);
        assert_eq!(statement.lines[1].price_micros, None, "two prices");
        assert!(statement.csv().ends_with(&format!("2026-11,team,total,,,,,{},usd\r\n", plan.price_per_month + 27)));
        assert!(Statement::of(&catalog, &plan, month, &[]).lines.len() == 1);
    }

    #[test]
    fn cents_are_rounded_once() {
        let catalog = catalog("[[prices]]\nmeter = \"llm_tokens\"\nfrom = \"2026-01-01\"\nmicros = 4999\nper = 1\n");
        let mut plan = catalog.plan("unlimited").expect("a plan").clone();
        let cents = |plan: &Plan, quantity| {
            Statement::of(&catalog, plan, "2026-11".parse().expect("a month"), &[used("2026-11-01", quantity)]).total_cents
        };
        assert_eq!([cents(&plan, 1), cents(&plan, 2), cents(&plan, 3)], [0, 1, 1]);
        plan.price_per_month = 1;
        assert_eq!(cents(&plan, 1), 1);
    }
}
