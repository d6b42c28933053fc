//! The place of a game: `docs/theme/play.js` fills it.

use crate::Error;
use crate::recordings::recording;

/// The place of a game, with all states that it is played on.
pub fn game(lesson: &str) -> Result<Option<String>, Error> {
    let Some(graph) = recording(lesson, "graph")? else {
        return Ok(None);
    };
    // Nothing in it can end the element that it stands in.
    let graph = graph.trim().replace('<', "\\u003c");
    Ok(Some(format!(
        "<div class=\"play\" data-lesson=\"{lesson}\"><p>This is a game that needs JavaScript. In a \
         terminal it is <code>just play {lesson}</code>.</p>\
         <script type=\"application/json\">{graph}</script></div>\n\n"
    )))
}
