"""Pictures become answers: filtered, marked, signed, encoded."""
