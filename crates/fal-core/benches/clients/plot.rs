//! The figures as a picture: bars on a logarithmic scale, in colours that are read on white and on black.

use std::fmt::Write;

use crate::figures::Figures;
use crate::report::digits;

/// Pixels.
const WIDTH: f64 = 800.0;
const NAMES: f64 = 340.0;
const BARS: f64 = 380.0;
const ROW: f64 = 22.0;
const HEADING: f64 = 34.0;
const INK: &str = "#7d8590";
const OURS: &str = "#2f9e6e";
const THEIRS: &str = "#4a86d0";

/// One panel for each question.
pub(crate) fn svg(contenders: &[Figures]) -> String {
    let panels = [
        panel("CPU per video, milliseconds", contenders, Figures::cpu_per_video),
        panel("The slowest 1 % of ends noticed after, milliseconds", contenders, |figures| figures.notice(0.99)),
    ];
    let height = HEADING + ROW * contenders.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"{INK}\">\n",
        height * panels.len() as f64 + ROW / 2.0
    );
    for (index, panel) in panels.iter().enumerate() {
        let _ = write!(svg, "<g transform=\"translate(0 {})\">\n{panel}</g>\n", height * index as f64);
    }
    svg + "</svg>\n"
}

fn panel(title: &str, contenders: &[Figures], value: impl Fn(&Figures) -> f64) -> String {
    let values: Vec<f64> = contenders.iter().map(value).collect();
    let known = || values.iter().copied().filter(|value| 0.0 < *value && value.is_finite());
    // A whole power of ten well below all, so that every bar can be seen.
    let least = (known().fold(f64::INFINITY, f64::min) / 2.0).log10().floor();
    let most = known().fold(f64::NEG_INFINITY, f64::max).log10();
    let mut panel = format!("<text x=\"0\" y=\"22\" font-weight=\"bold\">{title}, logarithmic scale</text>\n");
    for (row, (figures, value)) in contenders.iter().zip(&values).enumerate() {
        let is_known = 0.0 < *value && value.is_finite();
        let share = if is_known { (value.log10() - least) / (most - least) } else { 0.0 };
        let (y, bar) = (HEADING + ROW * row as f64, BARS * share.clamp(0.0, 1.0));
        let colour = if figures.name.starts_with("fal-core") { OURS } else { THEIRS };
        let _ = writeln!(
            panel,
            "<text x=\"{}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{NAMES}\" y=\"{:.0}\" width=\"{bar:.0}\" height=\"14\" fill=\"{colour}\"/>\
             <text x=\"{:.0}\" y=\"{:.0}\">{}</text>",
            NAMES - 8.0,
            y + 11.0,
            figures.name,
            y,
            NAMES + bar + 6.0,
            y + 11.0,
            digits(*value),
        );
    }
    panel
}
