# A namespace, the secret and the service in it, on a Kubernetes cluster that is there already, whoever runs it. Postgres and Qdrant
# are not made here: DATABASE_URL and QDRANT_URL say where they are.

terraform {
  # Write-only values, which are not kept in the state, are that old.
  required_version = ">= 1.11"
  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "~> 2.38"
    }
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.0"
    }
  }
}

# Both go by KUBE_CONFIG_PATH (and KUBE_CTX) in the environment.
provider "kubernetes" {}
provider "helm" {}

resource "kubernetes_namespace_v1" "memory" {
  metadata {
    name = var.namespace
    labels = {
      "pod-security.kubernetes.io/enforce" = "restricted"
    }
  }
}

resource "kubernetes_secret_v1" "memory" {
  metadata {
    name      = "jonathans-memory"
    namespace = kubernetes_namespace_v1.memory.metadata[0].name
  }
  data_wo          = var.settings
  data_wo_revision = var.settings_revision
}

# The deployment with its service, migrate job, network policy and disruption budget.
resource "helm_release" "memory" {
  name      = "jonathans-memory"
  namespace = kubernetes_namespace_v1.memory.metadata[0].name
  chart     = "${path.module}/../helm/jonathans-memory"
  # Until the pods are ready, which is after the migrate job.
  wait    = true
  timeout = 600

  values = [yamlencode({
    image    = { repository = var.image, tag = var.image_tag }
    replicas = var.replicas
    secret   = kubernetes_secret_v1.memory.metadata[0].name
    # Rolls the pods when the secret has changed.
    podAnnotations = { "jonathans-memory/settings-revision" = tostring(var.settings_revision) }
  })]
}
