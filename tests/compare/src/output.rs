//! What a lesson or its Python version has printed, taken apart.

/// The paragraphs of an output.
#[derive(Debug, Default)]
pub struct Output {
    /// The headline and what belongs to it.
    pub head: String,
    pub acts: Vec<Act>,
    /// The timeline, the speedups.
    pub rest: Vec<String>,
}

/// A part of a lesson, as it was printed.
#[derive(Debug)]
pub struct Act {
    /// Number and title.
    pub title: String,
    /// All lines below the title.
    pub body: String,
    /// As it stands behind the conclusion.
    pub time: String,
    pub seconds: f64,
    /// The timeline of this act, in the scale of the other side's; empty if a side has none.
    pub chart: String,
}

impl Output {
    /// Finds the acts by their numbers. Each must end with its time.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut output = Self::default();
        for paragraph in text.trim_end().split("\n\n") {
            let next = output.acts.len() + 1;
            if paragraph.starts_with(&format!("{next}. ")) {
                let act = Act::parse(paragraph);
                let act = act.ok_or_else(|| format!("act {next} does not end with its time"))?;
                output.acts.push(act);
            } else if next == 1 {
                output.head = paragraph.to_owned();
            } else {
                output.rest.push(paragraph.to_owned());
            }
        }
        Ok(output)
    }
}

impl Act {
    /// What was printed below the title, and the timeline.
    pub fn shown(&self) -> String {
        match &*self.chart {
            "" => self.body.clone(),
            chart => format!("{}\n\n{chart}\n", self.body),
        }
    }

    fn parse(paragraph: &str) -> Option<Self> {
        let (title, body) = paragraph.split_once('\n')?;
        let (_, time) = body.strip_suffix(')')?.rsplit_once('(')?;
        let (number, unit) = time.split_once(' ')?;
        let unit = match unit {
            "s" => 1.0,
            "ms" => 1e-3,
            "µs" => 1e-6,
            _ => return None,
        };
        Some(Self {
            title: title.to_owned(),
            body: body.to_owned(),
            time: time.to_owned(),
            chart: String::new(),
            seconds: number.parse::<f64>().ok()? * unit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_output_are_found() {
        let text = "Lock: one.\n(fast)\n\n1. One (1) way\n   a\n   => it is (so) (1.50 ms)\n\n\
                    2. Two\n   => b (2.0 µs)\n\ntimeline  1\n\nlock: speed-up 2.0x\n";
        let output = Output::parse(text).unwrap();
        assert_eq!(output.head, "Lock: one.\n(fast)");
        let [one, two] = &output.acts[..] else {
            panic!("{output:?}");
        };
        assert_eq!(one.title, "1. One (1) way");
        assert_eq!(one.body, "   a\n   => it is (so) (1.50 ms)");
        assert_eq!((&*one.time, one.seconds), ("1.50 ms", 0.0015));
        assert_eq!((&*two.time, two.seconds), ("2.0 µs", 0.000002));
        assert_eq!(output.rest, ["timeline  1", "lock: speed-up 2.0x"]);
    }

    #[test]
    fn an_act_without_its_time_is_refused() {
        for end in [
            "",
            "\n   a",
            "\n   => b",
            "\n   => b (2 h)",
            "\n   => b (s s)",
        ] {
            let refused = Output::parse(&format!("Lock: one.\n\n1. One{end}")).unwrap_err();
            assert_eq!(refused, "act 1 does not end with its time");
        }
    }
}
