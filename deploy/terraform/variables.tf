variable "image" {
  description = "The image in a registry of yours, without a tag."
  type        = string
}

variable "image_tag" {
  description = "Its tag; the chart's version of the program when empty."
  type        = string
  default     = ""
}

variable "namespace" {
  description = "Made here."
  type        = string
  default     = "jonathans-memory"
}

variable "replicas" {
  description = "Pods of the server."
  type        = number
  default     = 3
}

variable "settings" {
  description = "The settings that are secret or differ between installations, by their names in the environment (docs/configuration.md)."
  type        = map(string)
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = alltrue([for name in ["JM_PUBLIC_URL", "JM_SECRET_KEY", "DATABASE_URL"] : contains(keys(var.settings), name)])
    error_message = "settings must have JM_PUBLIC_URL, JM_SECRET_KEY and DATABASE_URL."
  }
}

variable "settings_revision" {
  description = "Raise it by one when settings have changed: Terraform does not see that by itself."
  type        = number
  default     = 1
}
