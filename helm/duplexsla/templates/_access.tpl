{{/* Who may call the gateways, and what the chart's own callers show. */}}

{{/* Takes the root: entries of `env` that say who may call. */}}
{{- define "duplexsla.authEnv" -}}
{{- $auth := .Values.auth -}}
- name: DUPLEXSLA_AUTH
  value: {{ join "," (default (list "none") $auth.methods) }}
{{- if not $auth.methods }}
{{- if not $auth.openToAll }}{{ fail "auth.methods: say how callers show who they are, or auth.openToAll=true" }}{{ end }}
- name: DUPLEXSLA_AUTH_NONE_ANYWHERE
  value: "yes"
{{- end }}
{{- if has "jwt" $auth.methods }}
- name: DUPLEXSLA_AUTH_ISSUER
  value: {{ required "auth.issuer: auth.methods has jwt" $auth.issuer | quote }}
- name: DUPLEXSLA_AUTH_AUDIENCE
  value: {{ required "auth.audience: auth.methods has jwt" $auth.audience | quote }}
- name: DUPLEXSLA_AUTH_KEYS
  value: {{ required "auth.keysUrl: auth.methods has jwt" $auth.keysUrl | quote }}
{{- end }}
{{- if or (has "api-key" $auth.methods) (has "certificate" $auth.methods) }}
- name: DUPLEXSLA_AUTH_API_KEYS
  value: /etc/duplexsla/api-keys/{{ $auth.apiKeysSecret.key }}
{{- end }}
{{- end -}}

{{/* Takes the root: entries of `volumeMounts` and `volumes` for API keys. */}}
{{- define "duplexsla.authMounts" -}}
{{- if or (has "api-key" .Values.auth.methods) (has "certificate" .Values.auth.methods) }}
- name: api-keys
  mountPath: /etc/duplexsla/api-keys
  readOnly: true
{{- end }}
{{- end -}}

{{- define "duplexsla.authVolumes" -}}
{{- if or (has "api-key" .Values.auth.methods) (has "certificate" .Values.auth.methods) }}
- name: api-keys
  secret:
    secretName: {{ required "auth.apiKeysSecret.name: auth.methods has api-key or certificate" .Values.auth.apiKeysSecret.name }}
{{- end }}
{{- end -}}

{{/* Takes the root: a caller's token, as an argument, a mount and a volume. */}}
{{- define "duplexsla.tokenArgument" -}}
{{- if .Values.callers.tokenSecret.name }}
- --token=@/etc/duplexsla/caller/{{ .Values.callers.tokenSecret.key }}
{{- end }}
{{- with .Values.callers.tenant }}
- --tenant={{ . }}
{{- end }}
{{- include "duplexsla.caArgument" . }}
{{- end -}}

{{- define "duplexsla.tokenMount" -}}
{{- if .Values.callers.tokenSecret.name }}
- {name: caller, mountPath: /etc/duplexsla/caller, readOnly: true}
{{- end }}
{{- include "duplexsla.caMount" . }}
{{- end -}}

{{- define "duplexsla.tokenVolume" -}}
{{- with .Values.callers.tokenSecret.name }}
- name: caller
  secret: {secretName: {{ . }}}
{{- end }}
{{- include "duplexsla.caVolume" . }}
{{- end -}}

{{/* Takes the root: the entry of `env` with what is shown to the home service. */}}
{{- define "duplexsla.homesToken" -}}
{{- with .Values.home.tokenSecret }}
{{- if .name }}
- name: DUPLEXSLA_HOMES_TOKEN
  valueFrom:
    secretKeyRef: {name: {{ .name }}, key: {{ .key }}}
{{- end }}
{{- end }}
{{- end -}}

{{/* Takes the root: the entry of `env` with the shares of homes and tenants. */}}
{{- define "duplexsla.quotasEnv" -}}
{{- with .Values.quotas }}
- name: DUPLEXSLA_QUOTAS
  value: {{ range $index, $kind := keys . | sortAlpha }}{{ if $index }},{{ end }}{{ $kind }}={{ index $.Values.quotas $kind }}{{ end }}
{{- end }}
{{- end -}}

{{/* Takes the root: entries of `env`, `volumeMounts` and `volumes` for the certificates of gateways. */}}
{{- define "duplexsla.gatewayTlsEnv" -}}
{{- $tls := .Values.tls -}}
{{- if $tls.gateway.secret }}
- name: DUPLEXSLA_TLS_CERTIFICATE
  value: /etc/duplexsla/tls/tls.crt
- name: DUPLEXSLA_TLS_KEY
  value: /etc/duplexsla/tls/tls.key
{{- end }}
{{- if $tls.clients.secret }}
- name: DUPLEXSLA_TLS_CLIENTS
  value: /etc/duplexsla/tls-clients/ca.crt
{{- end }}
{{- if $tls.decoder.secret }}
- name: DUPLEXSLA_DECODER_AUTHORITY
  value: /etc/duplexsla/tls-decoders/ca.crt
- name: DUPLEXSLA_DECODER_CERTIFICATE
  value: /etc/duplexsla/tls-decoders/tls.crt
- name: DUPLEXSLA_DECODER_KEY
  value: /etc/duplexsla/tls-decoders/tls.key
- name: DUPLEXSLA_DECODER_NAME
  value: {{ $tls.decoder.name | quote }}
{{- end }}
{{- end -}}

{{- define "duplexsla.gatewayTlsMounts" -}}
{{- $tls := .Values.tls -}}
{{- if $tls.gateway.secret }}
- {name: tls, mountPath: /etc/duplexsla/tls, readOnly: true}
{{- end }}
{{- if $tls.clients.secret }}
- {name: tls-clients, mountPath: /etc/duplexsla/tls-clients, readOnly: true}
{{- end }}
{{- if $tls.decoder.secret }}
- {name: tls-decoders, mountPath: /etc/duplexsla/tls-decoders, readOnly: true}
{{- end }}
{{- end -}}

{{- define "duplexsla.gatewayTlsVolumes" -}}
{{- $tls := .Values.tls -}}
{{- with $tls.gateway.secret }}
- name: tls
  secret: {secretName: {{ . }}}
{{- end }}
{{- with $tls.clients.secret }}
- name: tls-clients
  secret: {secretName: {{ . }}}
{{- end }}
{{- if $tls.decoder.secret }}
- name: tls-decoders
  secret: {secretName: {{ required "tls.decoder.gatewaySecret: tls.decoder.secret needs it" $tls.decoder.gatewaySecret }}}
{{- end }}
{{- end -}}

{{/* Takes the root: what callers of ours believe, as an argument, a mount and a volume. */}}
{{- define "duplexsla.caArgument" -}}
{{- if .Values.tls.gateway.secret }}
- --ca=/etc/duplexsla/tls/ca.crt
{{- end }}
{{- end -}}

{{- define "duplexsla.caMount" -}}
{{- if .Values.tls.gateway.secret }}
- {name: tls, mountPath: /etc/duplexsla/tls, readOnly: true}
{{- end }}
{{- end -}}

{{- define "duplexsla.caVolume" -}}
{{- with .Values.tls.gateway.secret }}
- name: tls
  secret: {secretName: {{ . }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end -}}
