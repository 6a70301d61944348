//! Gradient descent with momentum and a step of its own for each weight (Kingma & Ba, "Adam", 2015).

/// The weights after so many steps; `bound` keeps each where it may be.
pub fn descend(
    mut weights: Vec<f64>,
    steps: i32,
    rate: f64,
    gradient: impl Fn(&[f64]) -> Vec<f64>,
    bound: impl Fn(usize, f64) -> f64,
) -> Vec<f64> {
    let (mut first, mut second) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
    for step in 1..=steps {
        let rate = rate * (1.0 - f64::from(step) / f64::from(steps + 1)).sqrt();
        for (at, slope) in gradient(&weights).into_iter().enumerate() {
            first[at] = 0.9 * first[at] + 0.1 * slope;
            second[at] = 0.99 * second[at] + 0.01 * slope * slope;
            let (mean, spread) = (first[at] / (1.0 - 0.9f64.powi(step)), second[at] / (1.0 - 0.99f64.powi(step)));
            weights[at] = bound(at, weights[at] - rate * mean / (spread.sqrt() + 1e-12));
        }
    }
    weights
}
