"""Turn a journal into a report: HTML, Markdown, JSON. Nothing here touches the world."""
