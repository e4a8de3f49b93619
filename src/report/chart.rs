//! Charts as SVG that takes its colours from the page.

use plotters::prelude::*;

/// What a series stands for; the page's style sheet gives each its colour, light and dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// What the chart is about.
    First,
    /// What it is compared with.
    Second,
    /// The working point.
    Point,
    /// What would be ideal.
    Guide,
}

impl Tone {
    /// A colour that no page shows: `report.css` replaces it by name.
    fn colour(self) -> RGBColor {
        match self {
            Self::First => RGBColor(1, 0, 0),
            Self::Second => RGBColor(2, 0, 0),
            Self::Point => RGBColor(3, 0, 0),
            Self::Guide => RGBColor(4, 0, 0),
        }
    }
}

const INK: RGBColor = RGBColor(5, 0, 0);
const GRID: RGBColor = RGBColor(6, 0, 0);

/// What is drawn of one list of points.
pub(super) enum Mark {
    /// A line through the points.
    Line,
    /// A dot at each point, by radius in pixels.
    Dots(u32),
    /// An upright line at each x from the first y to the second.
    Whiskers,
}

/// One list of points. Whiskers take two points each, the lower end first.
pub(super) struct Series {
    pub mark: Mark,
    pub tone: Tone,
    pub points: Vec<(f64, f64)>,
}

/// One axis.
pub(super) struct Axis<'a> {
    pub name: &'a str,
    pub range: (f64, f64),
    pub ticks: usize,
    pub format: &'a dyn Fn(f64) -> String,
}

/// A chart of lines and points.
pub(super) struct Chart<'a> {
    /// Said to those who do not see it.
    pub title: &'a str,
    /// Tells its title from those of other charts on the page: letters, digits and `-`.
    pub id: &'a str,
    pub size: (u32, u32),
    pub x: Axis<'a>,
    pub y: Axis<'a>,
    pub series: Vec<Series>,
}

impl Chart<'_> {
    /// The SVG element, with a title and without any colour or size of its own.
    pub(super) fn to_svg(&self) -> String {
        let mut svg = String::new();
        // Nothing can fail that writes into a string; an empty chart would be seen by the tests.
        if self.draw(&mut svg).is_none() {
            svg.clear();
        }
        let inside = svg.split_once('>').map_or("", |(_, inside)| inside);
        let (width, height) = self.size;
        let title = escape(self.title);
        let id = self.id;
        format!(
            "<svg class=\"chart\" role=\"img\" aria-labelledby=\"{id}\" viewBox=\"0 0 {width} {height}\"><title id=\"{id}\">{title}</title>{inside}"
        )
    }

    fn draw(&self, svg: &mut String) -> Option<()> {
        let area = SVGBackend::with_string(svg, self.size).into_drawing_area();
        let (x, y) = (&self.x, &self.y);
        let mut chart = ChartBuilder::on(&area)
            .margin(8)
            .margin_right(18)
            .x_label_area_size(40)
            .y_label_area_size(56)
            .build_cartesian_2d(x.range.0..x.range.1, y.range.0..y.range.1)
            .ok()?;
        let label = ("sans-serif", 13).into_font().color(&INK);
        chart
            .configure_mesh()
            .x_desc(x.name)
            .y_desc(y.name)
            .x_labels(x.ticks)
            .y_labels(y.ticks)
            .x_label_formatter(&|value| (x.format)(*value))
            .y_label_formatter(&|value| (y.format)(*value))
            .label_style(label.clone())
            .axis_desc_style(label)
            .axis_style(GRID)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .max_light_lines(0)
            .draw()
            .ok()?;
        for Series { mark, tone, points } in &self.series {
            let colour = tone.colour();
            let line = colour.stroke_width(2);
            match mark {
                Mark::Line => {
                    chart.draw_series([PathElement::new(points.clone(), line)]).ok()?;
                }
                Mark::Dots(radius) => {
                    let dots = points.iter().map(|&p| Circle::new(p, *radius, colour.filled()));
                    chart.draw_series(dots).ok()?;
                }
                Mark::Whiskers => {
                    let ends = points.chunks(2).map(|ends| PathElement::new(ends.to_vec(), line));
                    chart.draw_series(ends).ok()?;
                }
            }
        }
        area.present().ok()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg() -> String {
        let format = |value: f64| format!("{value:.1}");
        let axis = |name| Axis { name, range: (0.0, 1.0), ticks: 5, format: &format };
        let series = |mark, tone| Series { mark, tone, points: vec![(0.1, 0.2), (0.1, 0.9)] };
        Chart {
            title: "a <b> & c",
            id: "t",
            size: (400, 300),
            x: axis("x </text><script>"),
            y: axis("y"),
            series: vec![
                series(Mark::Line, Tone::Guide),
                series(Mark::Line, Tone::First),
                series(Mark::Whiskers, Tone::Second),
                series(Mark::Dots(4), Tone::Point),
            ],
        }
        .to_svg()
    }

    #[test]
    fn every_series_is_drawn_in_its_tone_and_text_is_escaped() {
        let svg = svg();
        println!("{svg}");
        for colour in ["#010000", "#020000", "#030000", "#040000", "#050000", "#060000"] {
            assert!(svg.contains(colour), "{colour}");
        }
        assert!(svg.ends_with("</svg>\n") || svg.ends_with("</svg>"));
        assert!(svg.contains("<title id=\"t\">a &lt;b&gt; &amp; c</title>"));
        assert!(!svg.contains("<script") && !svg.contains("style=") && !svg.contains("NaN"));
    }
}
