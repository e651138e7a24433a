{{/* Takes the root. The first part of every object's name; leaves room for "-NAME" and a pod's own suffix. */}}
{{- define "duplexsla.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 36 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 36 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Takes (list root component). */}}
{{- define "duplexsla.name" -}}
{{- printf "%s-%s" (include "duplexsla.fullname" (first .)) (last .) -}}
{{- end -}}

{{/* Takes (list root component): what never changes over upgrades. */}}
{{- define "duplexsla.selector" -}}
app.kubernetes.io/name: duplexsla
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{/* Takes (list root component). */}}
{{- define "duplexsla.labels" -}}
{{- $root := first . -}}
{{ include "duplexsla.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: duplexsla
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Takes (list root component). */}}
{{- define "duplexsla.metadata" -}}
name: {{ include "duplexsla.name" . }}
namespace: {{ (first .).Release.Namespace }}
labels:
  {{- include "duplexsla.labels" . | nindent 2 }}
{{- end -}}

{{/* Takes (list root component): labels and annotations of its pods; no label that a new chart alone changes. */}}
{{- define "duplexsla.podMetadata" -}}
{{- $component := index (first .).Values (last .) -}}
labels:
  {{- include "duplexsla.selector" . | nindent 2 }}
  app.kubernetes.io/part-of: duplexsla
  {{- with $component.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $component.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Takes (list root image): registry, repository, and a digest or a tag. */}}
{{- define "duplexsla.image" -}}
{{- $root := first . -}}{{- $image := last . -}}
{{- with $root.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest -}}
@{{ $image.digest }}
{{- else -}}
:{{ $image.tag | default $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* Takes (list root component): the part of a pod's spec that all pods share, except for its containers. */}}
{{- define "duplexsla.pod" -}}
{{- $root := first . -}}{{- $component := index $root.Values (last .) -}}
automountServiceAccountToken: {{ or (eq (last .) "deletionCost") (and (eq (last .) "gateway") (eq $component.placement "api")) }}
enableServiceLinks: false
securityContext:
  {{- include "duplexsla.podSecurity" $root | nindent 2 }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $component.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $component.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with $component.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $component.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $component.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Takes (list root component): pods of one component over zones and hosts, counted for each version alone. */}}
{{- define "duplexsla.spread" -}}
{{- $root := first . -}}
{{- if $root.Values.topologySpread.enabled }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $root.Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "duplexsla.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end -}}

{{/* Takes the root. What the restricted level of pod security asks of a pod. */}}
{{- define "duplexsla.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.podSecurity.runAsUser }}
runAsGroup: {{ .Values.podSecurity.runAsUser }}
fsGroup: {{ .Values.podSecurity.runAsUser }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* What it asks of a container, and no file written outside of volumes. */}}
{{- define "duplexsla.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Takes (list root image): where a container's program comes from, and what it may do. */}}
{{- define "duplexsla.program" -}}
image: {{ include "duplexsla.image" . }}
imagePullPolicy: {{ (first .).Values.image.pullPolicy }}
securityContext:
  {{- include "duplexsla.containerSecurity" . | nindent 2 }}
{{- end -}}

{{/* Takes the root: addresses of what is ours or external. */}}
{{- define "duplexsla.homesUrl" -}}
{{- if .Values.home.deploy }}http://{{ include "duplexsla.name" (list . "home") }}:8070{{ else }}{{ .Values.home.externalUrl }}{{ end }}
{{- end -}}

{{/* Takes the root: where the gateways learn of decoders. */}}
{{- define "duplexsla.decodersEnv" -}}
{{- if eq .Values.gateway.placement "api" -}}
- name: DUPLEXSLA_DECODER_SERVICE
  value: {{ .Release.Namespace }}/{{ include "duplexsla.name" (list . "decoder") }}
{{- else -}}
- name: DUPLEXSLA_DECODERS
  value: {{ join "," (required "gateway.decoders: a list of host:port, unless gateway.placement is api" .Values.gateway.decoders) | quote }}
{{- end }}
{{- end -}}

{{- define "duplexsla.kafka" -}}
{{- if .Values.kafka.deploy }}{{ include "duplexsla.name" (list . "kafka") }}:9092{{ else }}{{ .Values.kafka.external.brokers }}{{ end }}
{{- end -}}

{{/* Takes the root: entries of `env` that lead to Redis; an external one's URL may be in a Secret as a whole. */}}
{{- define "duplexsla.redisEnv" -}}
{{- $external := .Values.redis.external -}}
- name: DUPLEXSLA_REDIS_URL
{{- if .Values.redis.deploy }}
  value: redis://{{ include "duplexsla.name" (list . "redis") }}:6379/0
{{- else if $external.existingSecret.name }}
  valueFrom:
    secretKeyRef:
      name: {{ $external.existingSecret.name }}
      key: {{ $external.existingSecret.key }}
{{- else }}
  value: {{ $external.url }}{{ if $external.caSecret.name }}?ssl_ca_certs=/etc/duplexsla/redis/{{ $external.caSecret.key }}{{ end }}
{{- end }}
{{- end -}}

{{/* Takes the root: entries of `env` that lead to Kafka, TLS and passwords included. */}}
{{- define "duplexsla.kafkaEnv" -}}
- name: DUPLEXSLA_KAFKA
  value: {{ include "duplexsla.kafka" . | quote }}
{{- if and (not .Values.kafka.deploy) .Values.kafka.external.existingSecret.name }}
- name: DUPLEXSLA_KAFKA_SECURITY
  value: /etc/duplexsla/kafka/{{ .Values.kafka.external.existingSecret.key }}
{{- end }}
{{- end -}}

{{/* Takes the root: entries of `volumeMounts` for certificates and passwords of external Redis and Kafka. */}}
{{- define "duplexsla.secretMounts" -}}
{{- if and (not .Values.redis.deploy) .Values.redis.external.caSecret.name }}
- name: redis-ca
  mountPath: /etc/duplexsla/redis
  readOnly: true
{{- end }}
{{- if and (not .Values.kafka.deploy) .Values.kafka.external.existingSecret.name }}
- name: kafka-security
  mountPath: /etc/duplexsla/kafka
  readOnly: true
{{- end }}
{{- end -}}

{{/* Takes the root: entries of `volumes` for them. */}}
{{- define "duplexsla.secretVolumes" -}}
{{- if and (not .Values.redis.deploy) .Values.redis.external.caSecret.name }}
- name: redis-ca
  secret:
    secretName: {{ .Values.redis.external.caSecret.name }}
{{- end }}
{{- if and (not .Values.kafka.deploy) .Values.kafka.external.existingSecret.name }}
- name: kafka-security
  secret:
    secretName: {{ .Values.kafka.external.existingSecret.name }}
{{- end }}
{{- end -}}

{{/* Takes (list root component): more entries of `env`, from the values. */}}
{{- define "duplexsla.extraEnv" -}}
{{- with (index (first .).Values (last .)).extraEnv }}
{{- toYaml . }}
{{- end }}
{{- end -}}

{{/* Takes (list root component): a PodDisruptionBudget of one pod at a time. */}}
{{- define "duplexsla.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "duplexsla.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ (index (first .).Values (last .)).podDisruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "duplexsla.selector" . | nindent 6 }}
{{- end -}}

{{/* Takes the root: the executor's settings, for its init container too. */}}
{{- define "duplexsla.executorEnv" -}}
- name: DUPLEXSLA_LISTEN
  value: 0.0.0.0:8071
{{ include "duplexsla.kafkaEnv" . }}
{{ include "duplexsla.redisEnv" . }}
{{- if not .Values.devices.existingSecret.name }}
- name: DUPLEXSLA_HOMES_URL
  value: {{ required "home.externalUrl: the executor needs a home service, or home.deploy, or devices.existingSecret" (include "duplexsla.homesUrl" .) }}
{{- else }}
{{- with include "duplexsla.homesUrl" . }}
- name: DUPLEXSLA_HOMES_URL
  value: {{ . }}
{{- end }}
- name: DUPLEXSLA_HOMES_FILE
  value: /etc/duplexsla/homes/{{ .Values.devices.existingSecret.key }}
{{- end }}
{{- include "duplexsla.homesToken" . }}
{{- include "duplexsla.quotasEnv" . }}
{{- with .Values.telemetry.otlp }}
- name: DUPLEXSLA_OTLP
  value: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* Takes a component's `persistence`: the volume "data" of a StatefulSet. */}}
{{- define "duplexsla.claim" -}}
{{- if .enabled -}}
volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .storageClass }}
      storageClassName: {{ . }}
      {{- end }}
      resources:
        requests:
          storage: {{ .size }}
{{- end }}
{{- end -}}

{{/* Takes {to, ports}: one egress rule; an empty `to` is anywhere. */}}
{{- define "duplexsla.egressTo" -}}
- ports:
    {{- range .ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Takes (list root component): matchers of PromQL for its pods. */}}
{{- define "duplexsla.series" -}}
namespace="{{ (first .).Release.Namespace }}",pod=~"{{ include "duplexsla.name" . }}-.*"
{{- end -}}

{{/* Takes (list root component): how quickly it grows and shrinks, for plain HPAs and KEDA's alike. */}}
{{- define "duplexsla.behavior" -}}
{{- $scaling := index (first .).Values.autoscaling (last .) -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies:
    - {type: Pods, value: {{ $scaling.mostPodsAtOnce }}, periodSeconds: 30}
scaleDown:
  stabilizationWindowSeconds: {{ $scaling.scaleInAfterS }}
  policies:
    - {type: Pods, value: 1, periodSeconds: {{ $scaling.scaleInEveryS }}}
{{- end -}}

{{/* Takes (list root component): a plain HorizontalPodAutoscaler on CPU. */}}
{{- define "duplexsla.hpa" -}}
{{- $scaling := index (first .).Values.autoscaling (last .) -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "duplexsla.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "duplexsla.name" . }}
  minReplicas: {{ $scaling.min }}
  maxReplicas: {{ $scaling.max }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ $scaling.cpuPercent }}}
  behavior:
    {{- include "duplexsla.behavior" . | nindent 4 }}
{{- end -}}

{{/* Takes (list root component): a KEDA ScaledObject up to its triggers. */}}
{{- define "duplexsla.scaledObject" -}}
{{- $scaling := index (first .).Values.autoscaling (last .) -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "duplexsla.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    name: {{ include "duplexsla.name" . }}
  minReplicaCount: {{ $scaling.min }}
  maxReplicaCount: {{ $scaling.max }}
  pollingInterval: {{ (first .).Values.autoscaling.pollS }}
  # Nobody answers KEDA: never fewer pods than there are, never fewer than half of the most.
  fallback:
    failureThreshold: 3
    replicas: {{ div (add $scaling.min $scaling.max 1) 2 }}
    behavior: currentReplicasIfHigher
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        {{- include "duplexsla.behavior" . | nindent 8 }}
{{- end -}}

{{/* Takes (list root query threshold metricType): a trigger of KEDA on Prometheus. */}}
{{- define "duplexsla.prometheusTrigger" -}}
{{- $prometheus := (first .).Values.autoscaling.prometheus -}}
- type: prometheus
  metricType: {{ index . 3 }}
  metadata:
    serverAddress: {{ required "autoscaling.prometheus.address: KEDA scales decoders and gateways by what Prometheus knows" $prometheus.address | quote }}
    query: {{ index . 1 | quote }}
    threshold: {{ index . 2 | toString | quote }}
    ignoreNullValues: "false"  # no answer is no reason to scale in
  {{- with $prometheus.authenticationRef }}
  authenticationRef:
    name: {{ . }}
  {{- end }}
{{- end -}}

{{/* Takes the root: Kafka's address as seen from other namespaces. */}}
{{- define "duplexsla.kafkaForAll" -}}
{{- if .Values.kafka.deploy }}{{ include "duplexsla.name" (list . "kafka") }}.{{ .Release.Namespace }}.svc:9092{{ else }}{{ .Values.kafka.external.brokers }}{{ end }}
{{- end -}}
