//! The plot of the ratios.
use super::table::Ratio;
use plotters::prelude::{
    BLACK, ChartBuilder, IntoDrawingArea, IntoLogRange, PathElement, RGBColor, Rectangle, SVGBackend, Text,
    WHITE,
};
use plotters::style::{Color, IntoFont};

const REACHED: RGBColor = RGBColor(46, 125, 50);
const MISSED: RGBColor = RGBColor(198, 120, 30);
const BAR: i32 = 22;

/// Bars for the ratios, on a scale of powers, with a line at what was wanted.
pub(crate) fn draw(ratios: &[Ratio<'_>]) -> String {
    let mut svg = String::new();
    let height = ratios.len() as i32 * BAR;
    {
        let area = SVGBackend::with_string(&mut svg, (1000, (height + 70) as u32)).into_drawing_area();
        area.fill(&WHITE).unwrap();
        let mut chart = ChartBuilder::on(&area)
            .margin(10)
            .x_label_area_size(30)
            .y_label_area_size(430)
            .build_cartesian_2d((0.3..10_000.0).log_scale(), 0..height)
            .unwrap();
        chart
            .configure_mesh()
            .disable_y_mesh()
            .disable_y_axis()
            .x_desc("times as fast; the line: what was wanted")
            .x_label_formatter(&|ratio| format!("{ratio}x"))
            .draw()
            .unwrap();
        for (at, ratio) in ratios.iter().enumerate() {
            let top = height - at as i32 * BAR;
            let colour = if ratio.reached < ratio.wanted { MISSED } else { REACHED };
            let bar = Rectangle::new([(1.0, top - 4), (ratio.reached, top - BAR + 2)], colour.filled());
            let wanted = PathElement::new([(ratio.wanted, top - 1), (ratio.wanted, top - BAR)], BLACK);
            chart.draw_series([bar]).unwrap();
            chart.draw_series([wanted]).unwrap();
            let label = format!("{}  {}: {}", ratio.row.id, ratio.row.work.replace('`', ""), ratio.ours);
            let label = Text::new(label, (10, at as i32 * BAR + 16), ("sans-serif", 12).into_font());
            area.draw(&label).unwrap();
        }
        area.present().unwrap();
    }
    svg
}
