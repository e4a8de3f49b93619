//! Penalised logistic regression on sparse rows, by Newton's method with conjugate gradients.

use super::sigmoid;

/// Rows of real-valued features in compressed form.
#[derive(Clone, Debug, Default)]
pub(super) struct SparseRows {
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl SparseRows {
    pub(super) fn new() -> Self {
        Self { starts: vec![0], columns: Vec::new(), values: Vec::new() }
    }

    pub(super) fn push_row(&mut self, row: impl IntoIterator<Item = (u32, f64)>) {
        for (column, value) in row {
            self.columns.push(column);
            self.values.push(value);
        }
        self.starts.push(self.columns.len());
    }

    fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    fn row(&self, i: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.starts[i]..self.starts[i + 1];
        let columns = self.columns[range.clone()].iter().map(|&c| c as usize);
        columns.zip(self.values[range].iter().copied())
    }

    /// The row's product with `w`.
    fn dot(&self, i: usize, w: &[f64]) -> f64 {
        self.row(i).map(|(c, x)| x * w[c]).sum()
    }

    /// Adds `times` the row to `out`.
    fn add(&self, i: usize, times: f64, out: &mut [f64]) {
        for (c, x) in self.row(i) {
            out[c] += times * x;
        }
    }
}

/// Minimises `Σ ln(1 + exp(−y f)) + ½ Σ penalty_j w_j²` over weights `w`, where `f = x · w`: the trust-region idea of
/// Lin, Weng, Keerthi 2008 ("Trust region Newton method for large-scale logistic regression") with a line search
/// in place of the region. Penalties must be above 0.
pub(super) fn fit(x: &SparseRows, y: &[bool], penalty: &[f64]) -> Vec<f64> {
    const MOST_STEPS: usize = 50;
    const TOLERANCE: f64 = 1e-3;
    let n = x.rows();
    let mut w = vec![0.0; penalty.len()];
    let mut f = vec![0.0; n];
    let mut first_norm = None;
    for _ in 0..MOST_STEPS {
        let mut gradient: Vec<f64> = w.iter().zip(penalty).map(|(w, p)| w * p).collect();
        let mut curvature = vec![0.0; n];
        for i in 0..n {
            let p = sigmoid(f[i]);
            x.add(i, p - f64::from(u8::from(y[i])), &mut gradient);
            curvature[i] = p * (1.0 - p);
        }
        let norm = dot(&gradient, &gradient).sqrt();
        if norm <= TOLERANCE * *first_norm.get_or_insert(norm) || norm == 0.0 {
            break;
        }
        let step = newton_step(x, &curvature, penalty, &gradient, norm);
        let slope = dot(&gradient, &step);
        let along: Vec<f64> = (0..n).map(|i| x.dot(i, &step)).collect();
        let before = loss(&f, y, &w, penalty);
        let mut size = 1.0;
        let accepted = loop {
            let trial_w: Vec<f64> = w.iter().zip(&step).map(|(w, s)| w + size * s).collect();
            let trial_f: Vec<f64> = f.iter().zip(&along).map(|(f, a)| f + size * a).collect();
            if loss(&trial_f, y, &trial_w, penalty) <= before + 1e-4 * size * slope {
                break Some((trial_w, trial_f));
            }
            size /= 2.0;
            if size < 1e-8 {
                break None;
            }
        };
        match accepted {
            Some((trial_w, trial_f)) => (w, f) = (trial_w, trial_f),
            None => break,
        }
    }
    w
}

/// Solves `(XᵀDX + penalty) s = −gradient` roughly, by conjugate gradients with the diagonal as preconditioner.
fn newton_step(
    x: &SparseRows,
    curvature: &[f64],
    penalty: &[f64],
    gradient: &[f64],
    norm: f64,
) -> Vec<f64> {
    const MOST_ROUNDS: usize = 100;
    let mut diagonal = penalty.to_vec();
    for (i, curvature) in curvature.iter().enumerate() {
        for (c, value) in x.row(i) {
            diagonal[c] += curvature * value * value;
        }
    }
    let mut step = vec![0.0; gradient.len()];
    let mut residual: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut z: Vec<f64> = residual.iter().zip(&diagonal).map(|(r, d)| r / d).collect();
    let mut direction = z.clone();
    let mut rz = dot(&residual, &z);
    for _ in 0..MOST_ROUNDS {
        let mut product: Vec<f64> = direction.iter().zip(penalty).map(|(d, p)| d * p).collect();
        for (i, curvature) in curvature.iter().enumerate() {
            x.add(i, curvature * x.dot(i, &direction), &mut product);
        }
        let size = rz / dot(&direction, &product);
        for j in 0..step.len() {
            step[j] += size * direction[j];
            residual[j] -= size * product[j];
        }
        if dot(&residual, &residual).sqrt() <= 0.1 * norm {
            break;
        }
        z.iter_mut().zip(residual.iter().zip(&diagonal)).for_each(|(z, (r, d))| *z = r / d);
        let next = dot(&residual, &z);
        let ratio = next / rz;
        rz = next;
        direction.iter_mut().zip(&z).for_each(|(d, z)| *d = z + ratio * *d);
    }
    step
}

fn loss(f: &[f64], y: &[bool], w: &[f64], penalty: &[f64]) -> f64 {
    let data: f64 = f
        .iter()
        .zip(y)
        .map(|(&f, &y)| {
            let margin = if y { f } else { -f };
            (-margin).max(0.0) + (-margin.abs()).exp().ln_1p()
        })
        .sum();
    data + 0.5 * w.iter().zip(penalty).map(|(w, p)| p * w * w).sum::<f64>()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At the minimum the gradient is 0: checked on its own definition, not through the solver.
    #[test]
    fn the_gradient_vanishes_at_the_solution() {
        let mut x = SparseRows::new();
        let mut y = Vec::new();
        for i in 0..60u32 {
            x.push_row([(i % 7, 1.0), (7 + i % 3, f64::from(i % 5)), (10, 1.0)]);
            y.push((i * 7 + i / 3) % 4 < 2);
        }
        let penalty = [vec![0.5; 10], vec![1e-6]].concat();
        let w = fit(&x, &y, &penalty);
        let mut gradient: Vec<f64> = w.iter().zip(&penalty).map(|(w, p)| w * p).collect();
        for (i, &y) in y.iter().enumerate() {
            let p = sigmoid(x.dot(i, &w));
            x.add(i, p - f64::from(u8::from(y)), &mut gradient);
        }
        let norm = dot(&gradient, &gradient).sqrt();
        assert!(norm < 0.03, "{norm} {w:?}");
        assert!(w.iter().any(|w| w.abs() > 0.01));
    }
}
