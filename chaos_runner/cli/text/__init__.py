"""What commands print: results, tables, summaries."""
