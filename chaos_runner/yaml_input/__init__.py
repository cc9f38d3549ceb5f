"""YAML that anybody may have written: read as plain values, each mistake with its file and line."""
