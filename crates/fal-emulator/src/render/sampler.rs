//! Draws one frame: reads the source planes along the lines of a view, straight to 4:2:0.

use openh264::formats::YUVSource;

use crate::render::camera::View;
use crate::render::size::Size;
use crate::render::source::{Plane, Source};

/// Positions are fixed-point numbers with 16 fractional bits; planes are far below the 32,768 that fit.
const ONE: f64 = 65_536.0;

/// One frame in 4:2:0.
pub(super) struct Frame {
    size: Size,
    luma: Vec<u8>,
    blue: Vec<u8>,
    red: Vec<u8>,
}

/// The line of source positions that a row of the frame is read along.
#[derive(Clone, Copy)]
struct Line {
    x: i32,
    y: i32,
    step_x: i32,
    step_y: i32,
}

impl Frame {
    pub(super) fn new(size: Size) -> Self {
        let chroma = size.width / 2 * (size.height / 2);
        Self { size, luma: vec![0; size.width * size.height], blue: vec![0; chroma], red: vec![0; chroma] }
    }

    /// Draws the view over whatever was there.
    pub(super) fn draw(&mut self, source: &Source, view: &View) {
        let Size { width, height } = self.size;
        draw_plane(&mut self.luma, (width, height), &source.luma, source.scale, view);
        draw_plane(&mut self.blue, (width / 2, height / 2), &source.blue, source.scale, view);
        draw_plane(&mut self.red, (width / 2, height / 2), &source.red, source.scale, view);
    }
}

fn draw_plane(target: &mut [u8], (width, height): (usize, usize), plane: &Plane, scale: (f64, f64), view: &View) {
    for (y, row) in target.chunks_exact_mut(width).enumerate().take(height) {
        draw_row(row, plane, line(y, (width, height), plane, scale, view));
    }
}

/// The camera's rotation and zoom about the frame's centre, then the source's scale about the plane's.
fn line(y: usize, (width, height): (usize, usize), plane: &Plane, scale: (f64, f64), view: &View) -> Line {
    let (sin, cos) = view.angle.sin_cos();
    let (width, height) = (width as f64, height as f64);
    let (dx, dy) = (0.5 - width / 2.0, y as f64 + 0.5 - height / 2.0);
    let at_x = (dx * cos - dy * sin) / view.zoom + view.offset.0 * width;
    let at_y = (dx * sin + dy * cos) / view.zoom + view.offset.1 * height;
    // A sample lies in the middle of its pixel, hence the half.
    let x = at_x * scale.0 + plane.width as f64 / 2.0 - 0.5;
    let y = at_y * scale.1 + plane.height as f64 / 2.0 - 0.5;
    let step = (cos / view.zoom * scale.0, sin / view.zoom * scale.1);
    let fixed = |value: f64| (value * ONE).round() as i32;
    Line { x: fixed(x), y: fixed(y), step_x: fixed(step.0), step_y: fixed(step.1) }
}

fn draw_row(row: &mut [u8], plane: &Plane, mut line: Line) {
    let (last_x, last_y) = (plane.width as i32 - 2, plane.height as i32 - 2);
    for target in row {
        let x = (line.x >> 16).clamp(0, last_x) as usize;
        let y = (line.y >> 16).clamp(0, last_y) as usize;
        let above = &plane.samples[y * plane.width + x..][..2];
        let below = &plane.samples[(y + 1) * plane.width + x..][..2];
        let (right, down) = (((line.x >> 8) & 255) as u32, ((line.y >> 8) & 255) as u32);
        let mix = |pair: &[u8]| u32::from(pair[0]) * (256 - right) + u32::from(pair[1]) * right;
        *target = ((mix(above) * (256 - down) + mix(below) * down + 32_768) >> 16) as u8;
        line.x += line.step_x;
        line.y += line.step_y;
    }
}

impl YUVSource for Frame {
    fn dimensions(&self) -> (usize, usize) {
        (self.size.width, self.size.height)
    }

    fn strides(&self) -> (usize, usize, usize) {
        (self.size.width, self.size.width / 2, self.size.width / 2)
    }

    fn y(&self) -> &[u8] {
        &self.luma
    }

    fn u(&self) -> &[u8] {
        &self.blue
    }

    fn v(&self) -> &[u8] {
        &self.red
    }
}
